// One connection for one piece of work, beside the pool of a server.
import type { ClientConfig } from 'pg';
import pg from 'pg';
import type { PostgresConfig } from '../../config/storage-place.ts';
import { clientConfigOf } from './connection.ts';
import { DatabaseFailure, postgresError } from './postgres-error.ts';

/** @throws ServerError STORAGE_UNREACHABLE, STORAGE_REFUSED */
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
    throw postgresError(error instanceof DatabaseFailure ? error.cause : error);
  }
}

/** Whoever waits for an answer of the connection is told. An event that nobody hears would end the process. */
export function ignore(): void {
  // Nothing to do.
}
