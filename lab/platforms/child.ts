// Programs that run beside the acceptance and end with it, however it ends.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { LabError } from '../lab-error.ts';

export interface Child {
  /** SIGTERM, and SIGKILL after ten seconds. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  isRunning(): boolean;
  /** Everything that it has printed. */
  output(): string;
}

export interface ChildOptions {
  readonly log: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function startChild(name: string, args: readonly string[], { log, env = {} }: ChildOptions): Child {
  const file = openSync(log, 'a', 0o600);
  const child = spawn(name, [...args], { stdio: ['ignore', file, file], env: { ...process.env, ...env } });
  closeSync(file);
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  child.once('error', () => undefined);
  return {
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    output: () => readFileSync(log, 'utf8'),
  };
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(killer);
}

/** Looks until it is so.
 * @throws LabError after the time, with what was seen last */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  isSo: (value: T) => boolean,
  seconds = 30,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await look();
    if (isSo(value)) return value;
    if (Date.now() > end) throw new LabError(`not within ${seconds} s: ${what}. Last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
