// A server that a command starts for itself: the real one, as a process of its own that can be killed.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { printable } from '../core/encoding/index.ts';
import { asRecord } from './json.ts';
import { CliError } from './errors.ts';
import { readUsage, type ProcessUsage } from './process-usage.ts';

const startTimeoutMs = 30_000;

export interface ServerProcess {
  readonly url: string;
  start(): Promise<void>;
  /** kill -9: no time to save anything. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** What the process has used so far; undefined where that cannot be read. */
  readonly usage: () => ProcessUsage | undefined;
}

/** This same program again, run the way it was run. */
const cli = [
  ...process.execArgv,
  join(import.meta.dirname, `main${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`),
];

/** A command, as an operator would type it: its document.
 * @throws CliError CLI_OWN_SERVER_FAILED */
export function runCommand(args: readonly string[]): Readonly<Record<string, unknown>> {
  const result = spawnSync(process.execPath, [...cli, ...args, '--json'], {
    encoding: 'utf8',
    timeout: startTimeoutMs,
  });
  const document = asRecord(parseLine(result.stdout));
  if (result.status === 0 && document !== undefined) return document;
  const reason = result.stdout || result.stderr;
  throw new CliError(
    'CLI_OWN_SERVER_FAILED',
    `touchstone ${args.slice(0, 2).join(' ')} failed: ${printable(reason, 2000)}`,
  );
}

/** Its log goes to server.log in `folder`; `url` is where `data` is configured to be served. */
export function createServerProcess(folder: string, data: string, url: string): ServerProcess {
  let child: ChildProcess | undefined;
  return {
    url,
    start: async () => {
      child = await launch(folder, data);
    },
    kill: async () => {
      await end(child, 'SIGKILL');
      child = undefined;
    },
    stop: async () => {
      await end(child, 'SIGTERM');
      child = undefined;
    },
    usage: () => (child?.pid === undefined ? undefined : readUsage(child.pid)),
  };
}

/** A port of the loopback interface that nobody uses now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function launch(folder: string, data: string): Promise<ChildProcess> {
  const log = openSync(join(folder, 'server.log'), 'a');
  const args = [...cli, 'server', 'start', '--data', data, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', log] });
  closeSync(log);
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  await firstLine(child);
  return child;
}

/** The server prints one line when it listens. */
function firstLine(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new CliError('CLI_OWN_SERVER_FAILED', 'the server did not start: see server.log'));
    const timer = setTimeout(fail, startTimeoutMs);
    child.once('exit', fail);
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', () => {
      clearTimeout(timer);
      child.off('exit', fail);
      resolve();
    });
  });
}

async function end(child: ChildProcess | undefined, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(killer);
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
