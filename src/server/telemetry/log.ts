// The log: JSON lines on standard error. Secrets never reach it; text of strangers arrives through `printable`.
import { pino, type Logger } from 'pino';
import { standardError } from './standard-error.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export type ServerLog = Logger;

/** That of a process. */
export type ProcessLog = ServerLog & {
  /** How many lines nobody took: whoever reads the log hangs or is gone, or its disk is full. */
  readonly linesLost: () => number;
};

/** `worker`: which of several processes writes it. */
export function createLog(level: LogLevel, worker?: number): ProcessLog {
  const redact = ['token', 'secret', 'authorization', '*.token', '*.secret', '*.authorization'];
  const base = worker === undefined ? null : { worker };
  return Object.assign(pino({ level, base, redact }, standardError), { linesLost: standardError.linesLost });
}
