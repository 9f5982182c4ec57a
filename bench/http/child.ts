// A server in a process of its own, so that its CPU time can be told from the load's.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ServerChild<Ready> {
  readonly ready: Ready;
  /** CPU microseconds that the process has used so far, all threads. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts `script` (beside this file, without its ending), which says `ready` when it listens. */
export async function startChild<Ready>(script: string, settings: object): Promise<ServerChild<Ready>> {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const path = fileURLToPath(new URL(`${script}.${ending}`, import.meta.url));
  const child = fork(path, [JSON.stringify(settings)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const answer = async (): Promise<unknown> => {
    const [message] = (await once(child, 'message')) as [unknown];
    return message;
  };
  const ready = await Promise.race([answer(), once(child, 'exit').then(() => undefined)]);
  if (ready === undefined) throw new TypeError(`${script} did not start`);
  return {
    ready: ready as Ready,
    cpu: async () => {
      child.send('cpu');
      return Number(await answer());
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.send('stop');
      await gone;
    },
  };
}

/** The other side: answers `cpu`, obeys `stop`, and ends with its parent. */
export function serveParent(ready: object, close: () => Promise<void>): void {
  process.send?.(ready);
  process.on('message', (message) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send?.(user + system);
      return;
    }
    void close().then(() => process.exit(0));
  });
  process.on('disconnect', () => process.exit(0));
}

export function readSettings(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}
