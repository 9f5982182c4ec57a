// One connection for one piece of work, beside the pool of a server.
import type { ClientConfig } from 'pg';
import pg from 'pg';
import { storagePlaceOf, type PostgresConfig } from '../../config/storage-place.ts';
import { ServerError } from '../../errors.ts';
import { clientConfigOf } from './connection.ts';
import { DatabaseFailure, postgresError } from './postgres-error.ts';

/** For who sets up, moves and starts: what is refused on the way names where that leads to, which callers of the API are not told.
 * @throws ServerError STORAGE_UNREACHABLE, STORAGE_REFUSED */
export async function withClient<Result>(
  config: PostgresConfig,
  work: (client: pg.Client) => Promise<Result>,
  settings: ClientConfig = {},
): Promise<Result> {
  try {
    const client = new pg.Client({ ...clientConfigOf(config), ...settings });
    client.on('error', ignore);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  } catch (error) {
    throw naming(config, postgresError(error instanceof DatabaseFailure ? error.cause : error));
  }
}

function naming({ url }: PostgresConfig, error: Error): Error {
  if (!(error instanceof ServerError) || !/^STORAGE_(?:UNREACHABLE|REFUSED)$/.test(error.code)) return error;
  const { host, port, database } = storagePlaceOf(url);
  const { code, message, cause, headers } = error;
  return new ServerError(code, `${message} (database ${database} at ${host}, port ${port})`, { cause, headers });
}

/** Whoever waits for an answer of the connection is told. An event that nobody hears would end the process. */
export function ignore(): void {
  // Nothing to do.
}
