// How many connections the process can have open at once. Each is a file descriptor, and where none is left the kernel's connections are
// closed unseen, whoever they are of; one that the primary handed on is lost on the way, and its worker is given none any more.
import { readFileSync } from 'node:fs';
import type { ServerConfig } from '../config/config.ts';

type Config = Pick<ServerConfig, 'limits' | 'storage' | 'events'>;

/** Those of Node.js, the store and standard streams are some thirty; a lost database is dialled anew, files are read, programs started. */
const ownFiles = 64;
/** As `limits.connections`. */
const leastConnections = 16;

/** How many this process may have. Node.js takes as many as it is allowed. Linux only: undefined elsewhere, and where /proc is missing. */
export function readMostOpenFiles(): number | undefined {
  try {
    const [, most] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return most === undefined ? undefined : Number(most);
  } catch {
    return undefined;
  }
}

/** `limits.connections`, or what the server itself leaves of `mostOpenFiles`. */
export function connectionsWithin(
  { limits, storage, events }: Config,
  mostOpenFiles: number | undefined = readMostOpenFiles(),
): number {
  const own = ownFiles + events.maximumSubscriptions + (storage === 'sqlite' ? 0 : storage.connections);
  const left = Math.max(leastConnections, (mostOpenFiles ?? Infinity) - own);
  return Math.min(limits.connections, left);
}
