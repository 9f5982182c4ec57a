// The program of one worker: a whole server, which listens on the socket that all of them share, or admission at its own address.
import process from 'node:process';
import { startAdmission } from '../admission-server.ts';
import { ServerError } from '../errors.ts';
import { startServer } from '../main.ts';
import type { RunningServer } from '../running-server.ts';
import type { Family } from '../telemetry/exposition.ts';
import { mergeMeasures } from './merge-measures.ts';
import type { ToPrimary, ToWorker } from './messages.ts';
import { takeRealtime } from './realtime.ts';

// No debugger, as in the primary.
process.on('SIGUSR1', () => undefined);

type Listener = (message: ToWorker) => void;

const listeners = new Set<Listener>();
process.on('message', (message: ToWorker) => {
  for (const hear of [...listeners]) hear(message);
});

function say(message: ToPrimary): void {
  // The primary is gone: so is this process in a moment.
  if (process.connected) process.send?.(message);
}

function hearOnce<Kind extends ToWorker['kind']>(
  kind: Kind,
  isMeant: (message: Extract<ToWorker, { readonly kind: Kind }>) => boolean = () => true,
): Promise<Extract<ToWorker, { readonly kind: Kind }>> {
  return new Promise((resolve) => {
    const hear: Listener = (message) => {
      const heard = message as Extract<ToWorker, { readonly kind: Kind }>;
      if (message.kind !== kind || !isMeant(heard)) return;
      listeners.delete(hear);
      resolve(heard);
    };
    listeners.add(hear);
  });
}

let questions = 0;

/** Answers for this worker when it is asked, and asks for all of them. */
function shareMeasures(measure: () => readonly Family[]): () => Promise<readonly Family[]> {
  listeners.add((message) => {
    if (message.kind === 'measure') say({ kind: 'measures', question: message.question, families: measure() });
  });
  return async () => {
    const question = (questions += 1);
    const answer = hearOnce('measured', (message) => message.question === question);
    say({ kind: 'gather', question });
    const { measures, ofPrimary } = await answer;
    return mergeMeasures(measures, ofPrimary);
  };
}

/** The primary asks it to stop, or somebody else does; a terminal tells both. */
async function untilStopped(): Promise<number | undefined> {
  const signalled = new Promise<undefined>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => resolve(undefined));
  });
  const asked = hearOnce('stop').then(({ graceMs }) => graceMs);
  return Promise.race([asked, signalled]);
}

const stopped = untilStopped();
const told = hearOnce('start');
say({ kind: 'hears' });
const started = await Promise.race([told, stopped]);
if (typeof started === 'object') await serve(started);
process.disconnect();

async function serve(start: Awaited<typeof told>): Promise<void> {
  try {
    const server = await startRole(start);
    say({ kind: 'listening', url: server.url, shortcomings: server.shortcomings });
    await server.close(await Promise.race([stopped, server.failed]));
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    say({ kind: 'failed', code: error.code, message: error.message });
  }
}

async function startRole({ role, config, seat }: Awaited<typeof told>): Promise<RunningServer> {
  const worker = { seat, share: shareMeasures };
  const { listen } = config.admission;
  if (role === 'server' || listen === undefined) return startServer(config, { worker, announce: () => undefined });
  const shortcomings = listen.realtime ? await takeRealtime() : [];
  return { ...(await startAdmission(config, listen, { worker })), shortcomings };
}
