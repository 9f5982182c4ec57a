// One seat: a process sits there, and when it dies another one, soon at first and later and later if that does not help.
import cluster, { type Worker } from 'node:cluster';
import type { ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import type { Check } from '../doctor/check.ts';
import type { Family } from '../telemetry/exposition.ts';
import type { ServerLog } from '../telemetry/log.ts';
import { relay } from '../telemetry/standard-error.ts';
import { pauseBefore } from './pause.ts';
import type { Measures, Role, ToPrimary, ToWorker } from './messages.ts';

export interface Seat {
  /** Resolves when the first process listens.
   * @throws ServerError what the process could not start for */
  readonly taken: Promise<{ readonly url: string; readonly shortcomings: readonly Check[] }>;
  /** What is measured there now. */
  measure(): Promise<Measures>;
  say(message: ToWorker): void;
  /** Resolves when nobody sits there any more, and nobody will. */
  clear(graceMs: number): Promise<void>;
}

export interface SeatOptions {
  readonly number: number;
  readonly role: Role;
  readonly config: ServerConfig;
  readonly log: ServerLog;
  /** This one wants to know what all measure. */
  readonly onGather: (question: number) => void;
}

const measureMs = 1000;
/** Beyond the time that it was given to finish. */
const killAfterMs = 3000;

export function createSeat({ number, role, config, log, onGather }: SeatOptions): Seat {
  const questions = createQuestions(say);
  let [starts, failures] = [0, 0];
  let isClearing = false;
  let hasListened = false;
  let worker: Worker | undefined;
  let timer: NodeJS.Timeout | undefined;
  let reason: ServerError | undefined;
  const first = createPromise<Awaited<Seat['taken']>>();
  const emptied = createPromise<undefined>();

  function hear(message: ToPrimary): void {
    if (message.kind === 'hears')
      say(isClearing ? { kind: 'stop', graceMs: 0 } : { kind: 'start', role, seat: number, config });
    else if (message.kind === 'gather') onGather(message.question);
    else if (message.kind === 'measures') questions.answer(message);
    else if (message.kind === 'failed') reason = new ServerError(message.code, message.message);
    else {
      hasListened = true;
      first.resolve(message);
    }
  }

  function start(): void {
    starts += 1;
    reason = undefined;
    const begun = performance.now();
    worker = cluster.fork();
    if (worker.process.stderr !== null) relay(worker.process.stderr);
    // A pipe that breaks is told by the end of the process, too.
    worker.on('error', () => undefined);
    worker.on('message', hear);
    worker.on('exit', (code, signal) => end(performance.now() - begun, code, signal));
  }

  function end(livedMs: number, code: number | null, signal: string | null): void {
    worker = undefined;
    if (isClearing) return emptied.resolve(undefined);
    if (!hasListened)
      return first.reject(reason ?? new ServerError('SERVER_WORKER_ENDED', `it ended with ${signal ?? code}`));
    const pause = pauseBefore(failures, livedMs);
    failures = pause.failures;
    const why = { code: reason?.code ?? code, signal, reason: reason?.message };
    log.error(
      { event: 'worker.ended', worker: number, ...why, againMs: pause.ms },
      'a worker ended; another takes its place',
    );
    timer = setTimeout(start, pause.ms);
  }

  function say(message: ToWorker): void {
    if (worker?.isConnected() === true) worker.send(message);
  }

  start();
  return {
    taken: first.promise,
    say,
    measure: async () => {
      const families = await questions.ask(worker === undefined ? 0 : measureMs);
      return { seat: number, starts, families };
    },
    clear: async (graceMs) => {
      isClearing = true;
      clearTimeout(timer);
      if (worker === undefined) return;
      say({ kind: 'stop', graceMs });
      const killer = setTimeout(() => worker?.process.kill('SIGKILL'), graceMs + killAfterMs);
      await emptied.promise;
      clearTimeout(killer);
    },
  };
}

/** What is measured there, asked of whichever process sits there and told by it, or not. */
function createQuestions(say: (message: ToWorker) => void) {
  const waiting = new Map<number, (families: readonly Family[]) => void>();
  let asked = 0;
  return {
    /** Undefined where there is no answer in time. */
    ask: async (patienceMs: number): Promise<readonly Family[] | undefined> => {
      const question = (asked += 1);
      const families = await new Promise<readonly Family[] | undefined>((resolve) => {
        waiting.set(question, resolve);
        setTimeout(resolve, patienceMs, undefined).unref();
        say({ kind: 'measure', question });
      });
      waiting.delete(question);
      return families;
    },
    answer: ({ question, families }: Extract<ToPrimary, { readonly kind: 'measures' }>) =>
      waiting.get(question)?.(families),
  };
}

function createPromise<Value>() {
  let settle: { resolve: (value: Value) => void; reject: (error: ServerError) => void } | undefined;
  const promise = new Promise<Value>((resolve, reject) => (settle = { resolve, reject }));
  // Whoever waits for it is told; nobody has to.
  promise.catch(() => undefined);
  return {
    promise,
    resolve: (value: Value) => settle?.resolve(value),
    reject: (error: ServerError) => settle?.reject(error),
  };
}
