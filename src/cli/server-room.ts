// Commands that work on a data directory, on the machine of the server.
import type { Command } from 'commander';
import { printable } from '../core/encoding/index.ts';
import type * as serverRoom from '../server/index.ts';
import { RefusedError } from './errors.ts';

export type ServerRoom = typeof serverRoom;

export function withData(command: Command): Command {
  return command.requiredOption('--data <dir>', 'data directory');
}

/** A command makes no request that could be sent again. */
const databaseAway =
  'Check host and port of `storage`, that PostgreSQL runs there, and the network to it. Then run the command again.';

/** No server runs yet, so none has a log with what the database said. */
const databaseRefuses =
  'Compare what was given with the database: user and database of the URL, the password, and the certificate where it asks for one.';

const remedies: Readonly<Record<string, string>> = {
  STORAGE_UNREACHABLE: databaseAway,
  STORAGE_REFUSED: databaseRefuses,
};

/** The server's rooms are loaded by the commands that need them only: a database engine is slow to load. */
export async function inServerRoom<T>(work: (room: ServerRoom) => T | Promise<T>): Promise<T> {
  const room = await import('../server/index.ts');
  try {
    return await work(room);
  } catch (cause) {
    if (!(cause instanceof room.ServerError)) throw cause;
    const remedy = remedies[cause.code] ?? room.serverErrors[cause.code].remedy;
    throw new RefusedError(cause.code, messageOf(cause), { remedy, cause });
  }
}

/** With the database's own words, where it refuses somebody: to strangers the server says the code alone. */
function messageOf({ code, message, cause }: Error & { readonly code: string }): string {
  return code === 'STORAGE_REFUSED' && cause instanceof Error ? `${message}: ${printable(cause.message)}` : message;
}
