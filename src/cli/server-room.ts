// Commands that work on a data directory, on the machine of the server.
import type { Command } from 'commander';
import type * as serverRoom from '../server/index.ts';
import { RefusedError } from './errors.ts';

export type ServerRoom = typeof serverRoom;

export function withData(command: Command): Command {
  return command.requiredOption('--data <dir>', 'data directory');
}

/** The server's rooms are loaded by the commands that need them only: a database engine is slow to load. */
export async function inServerRoom<T>(work: (room: ServerRoom) => T | Promise<T>): Promise<T> {
  const room = await import('../server/index.ts');
  try {
    return await work(room);
  } catch (cause) {
    if (!(cause instanceof room.ServerError)) throw cause;
    throw new RefusedError(cause.code, cause.message, { remedy: room.serverErrors[cause.code].remedy, cause });
  }
}
