// The log: JSON lines on standard error. Secrets never reach it; text of strangers arrives through `printable`.
import { pino, type Logger } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type ServerLog = Logger;

/** `worker`: which of several processes writes it. */
export function createLog(level: LogLevel, worker?: number): ServerLog {
  const redact = ['token', 'secret', 'authorization', '*.token', '*.secret', '*.authorization'];
  const destination = pino.destination({ dest: 2, sync: true });
  // Whoever read the log may be gone: that ends the log, not the server.
  destination.on('error', () => undefined);
  return pino({ level, base: worker === undefined ? null : { worker }, redact }, destination);
}
