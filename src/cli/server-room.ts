// Commands that work on a data directory, on the machine of the server.
import type { Command } from 'commander';
import type * as serverRoom from '../server/index.ts';
import { RefusedError } from './errors.ts';

export type ServerRoom = typeof serverRoom;

export function withData(command: Command): Command {
  return command.requiredOption('--data <dir>', 'data directory');
}

/** A command makes no request that could be sent again. */
const databaseAway =
  'Check host and port of `storage`, that PostgreSQL runs there, and the network to it. Then run the command again.';

/** The server's rooms are loaded by the commands that need them only: a database engine is slow to load. */
export async function inServerRoom<T>(work: (room: ServerRoom) => T | Promise<T>): Promise<T> {
  const room = await import('../server/index.ts');
  try {
    return await work(room);
  } catch (cause) {
    if (!(cause instanceof room.ServerError)) throw cause;
    const remedy = cause.code === 'STORAGE_UNREACHABLE' ? databaseAway : room.serverErrors[cause.code].remedy;
    throw new RefusedError(cause.code, cause.message, { remedy, cause });
  }
}
