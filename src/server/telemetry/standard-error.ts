// Standard error of this process: its log, its banner, and what its children say there.
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { once } from '../once.ts';
import { createLogOutlet, pauseMs, type LogOutlet } from './log-outlet.ts';

/** Nobody waits at it, where it is no file. A pipe and a terminal are opened once more, for ourselves: whether one waits at what is shared
 * decides each process that shares it, and each that is started or ends changes that. A socket (journald) cannot be: so that of a
 * child is another one, and `relay` reads it. */
function open(): number {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const kind = fstatSync(2);
  try {
    if (kind.isFIFO() || kind.isCharacterDevice()) return openSync('/proc/self/fd/2', O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    // Made for another user, or nobody reads it now.
  }
  // Node makes pipes and sockets such that nobody waits at them, when it is first asked for this.
  return process.stderr.fd;
}

const opened = once(open);

function take(bytes: Uint8Array): number {
  return writeSync(opened(process), bytes);
}

/** As a rule when it is time, and else when the process ends. */
function later(work: () => void, afterMs: number): void {
  const run = (): void => {
    clearTimeout(timer);
    process.off('exit', run);
    work();
  };
  const timer = setTimeout(run, afterMs).unref();
  process.once('exit', run);
}

function sayLost(lines: number): string {
  const msg = 'lines of the log were lost: nobody took them';
  return `${JSON.stringify({ level: 40, time: Date.now(), pid: process.pid, event: 'log.lost', lines, msg })}\n`;
}

export const standardError: LogOutlet = createLogOutlet({ take, later, sayLost });

/** Longer lines come in parts. */
const longestLine = 65_536;

/** Hands on what a child says, line by line, and reads no more of it than is taken: so the child loses its lines, and counts them. */
export function relay(said: Readable): void {
  let begun = '';
  const pass = (lines: string): void => {
    if (standardError.write(lines)) return;
    said.pause();
    setTimeout(() => said.resume(), pauseMs).unref();
  };
  said.setEncoding('utf8');
  said.on('data', (text: string) => {
    begun += text;
    const end = begun.length > longestLine ? begun.length : begun.lastIndexOf('\n') + 1;
    if (end === 0) return;
    const lines = begun.slice(0, end);
    begun = begun.slice(end);
    pass(lines);
  });
  said.on('end', () => begun !== '' && pass(`${begun}\n`));
  said.on('error', () => undefined);
}
