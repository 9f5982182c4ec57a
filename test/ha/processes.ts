// Programs that run beside the test, each as a process of its own whose output goes into a file. Only what was started here is ended.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
  /** Whoever runs it: what we are, unless told. */
  readonly as?: Identity | undefined;
}

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface Running {
  readonly isRunning: () => boolean;
  readonly start: () => void;
  /** Resolves when it has ended. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
}

const started = new Set<() => void>();

/** At once, for whoever is told to end. */
export function killPrograms(): void {
  for (const kill of started) kill();
}

export function createProgram({ command, args, env, cwd, logFile, as }: Program): Running {
  let child: ChildProcess | undefined;
  const isRunning = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
  started.add(() => {
    if (isRunning()) child?.kill('SIGKILL');
  });
  return {
    isRunning,
    start: () => {
      if (isRunning()) return;
      const log = openSync(logFile, 'a');
      child = spawn(command, args, { env, cwd, stdio: ['ignore', log, log], ...as });
      child.on('error', () => undefined);
      closeSync(log);
    },
    end: async (signal) => {
      if (child === undefined || !isRunning()) return;
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    },
  };
}

/** PostgreSQL refuses to run as root: Debian's own user does it then. */
export function databaseUser(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })));
  return { uid: uid!, gid: gid! };
}
