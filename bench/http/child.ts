// A server in a process of its own, so that its CPU time can be told from the load's.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ServerChild<Ready> {
  readonly ready: Ready;
  readonly pid: number;
  /** CPU microseconds that the process has used so far, all threads. */
  cpu(): Promise<number>;
  /** A number that the script knows under this name. */
  ask(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** As `deploy/server/touchstone-server.service` starts it. */
const execArgv = [...process.execArgv, '--max-semi-space-size=32'];
const env = { ...process.env, LD_PRELOAD: 'libjemalloc.so.2' };

/** For a server to end in order: one that does not is no reason for a benchmark without an end. */
const stopMs = 30_000;

/** Starts `script` (beside this file, without its ending), which says `ready` when it listens. */
export async function startChild<Ready>(script: string, settings: object): Promise<ServerChild<Ready>> {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const path = fileURLToPath(new URL(`${script}.${ending}`, import.meta.url));
  const child = fork(path, [JSON.stringify(settings)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv,
    env,
  });
  const answer = async (): Promise<unknown> => {
    const [message] = (await once(child, 'message')) as [unknown];
    return message;
  };
  const ready = await Promise.race([answer(), once(child, 'exit').then(() => undefined)]);
  if (ready === undefined) throw new TypeError(`${script} did not start`);
  const ask = async (name: string): Promise<number> => {
    child.send(name);
    return Number(await answer());
  };
  return {
    ready: ready as Ready,
    pid: child.pid ?? 0,
    cpu: () => ask('cpu'),
    ask,
    stop: async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.send('stop');
      const killer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await gone;
      clearTimeout(killer);
    },
  };
}

/** The other side: answers `cpu`, `peak` and what else is known, obeys `stop`, and ends with its parent. */
export function serveParent(
  ready: object,
  close: () => Promise<void>,
  known: Readonly<Record<string, () => Promise<number>>> = {},
): void {
  process.send?.(ready);
  process.on('message', (message) => {
    const find = { ...known, cpu: cpuTime, peak: peakMemory }[String(message)];
    if (find === undefined) void close().then(() => process.exit(0));
    else void find().then((number) => process.send?.(number));
  });
  process.on('disconnect', () => process.exit(0));
}

function cpuTime(): Promise<number> {
  const { user, system } = process.cpuUsage();
  return Promise.resolve(user + system);
}

/** The most bytes that the process ever had resident. */
function peakMemory(): Promise<number> {
  return Promise.resolve(process.resourceUsage().maxRSS * 1024);
}

export function readSettings(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}
