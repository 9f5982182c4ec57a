// A PostgreSQL as the end of a move.
import type { ClientBase } from 'pg';
import type { PostgresConfig } from '../../config/storage-place.ts';
import { ServerError } from '../../errors.ts';
import { checkUnused, createSchema, schemaVersion } from '../postgres/migrations.ts';
import { openConnection, trustLock } from '../postgres/postgres-engine.ts';
import { isRefusedValue, unreachable } from '../postgres/postgres-error.ts';
import { withClient } from '../postgres/with-client.ts';
import type { Sql } from '../sql/sql.ts';
import type { MoveEnd } from './move-storage.ts';
import { checkSchema } from './schema-check.ts';

/** A name of its own, so that servers can be told apart from it; and no limits: tables are read as long as that takes. */
const settings = {
  application_name: 'touchstone storage',
  query_timeout: 0,
  statement_timeout: 0,
  idle_in_transaction_session_timeout: 0,
} as const;

export function postgresEnd(config: PostgresConfig): MoveEnd {
  return {
    read: (work) => withClient(config, (client) => readDatabase(client, work), settings),
    checkEmpty: () => withClient(config, checkUnused, settings),
    fill: async (work) => {
      const result = await withClient(config, (client) => fillDatabase(client, work), settings);
      // So that the first server plans its statements by what is there. By another session: in this one the rows would be counted, and
      // once more when it says what it wrote.
      await withClient(config, (client) => client.query('ANALYZE'), settings);
      return result;
    },
  };
}

function fillDatabase<Result>(client: ClientBase, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  return createSchema(client, async () => {
    await client.query("DELETE FROM meta WHERE key <> 'schema'");
    return work(refusingByName(openConnection(client)));
  });
}

async function readDatabase<Result>(client: ClientBase, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  checkSchema(await schemaVersion(client));
  await checkNotServed(client);
  // A server that starts from here on cannot write before the end.
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const result = await work(openConnection(client));
  await client.query('COMMIT');
  return result;
}

const servers = `
  SELECT pg_try_advisory_lock(${trustLock}) AS free, pg_is_in_recovery() AS standby, (
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'touchstone%' AND application_name <> 'touchstone storage'
  ) AS count`;

interface Use {
  readonly free: boolean;
  readonly standby: boolean;
  readonly count: number;
}

/** @throws ServerError STORAGE_SERVED; STORAGE_UNREACHABLE for a standby, which is in use by others than can be seen */
async function checkNotServed(client: ClientBase): Promise<void> {
  const { free, standby, count } = (await client.query<Use>(servers)).rows[0] ?? {
    free: false,
    standby: true,
    count: 0,
  };
  if (standby) throw unreachable('this is a standby', undefined);
  if (free && count === 0) return;
  throw new ServerError('STORAGE_SERVED', `${count} connections of servers to the database are open`);
}

/** PostgreSQL takes no zero byte in a text; SQLite does.
 * @throws ServerError STORAGE_ROW_REFUSED */
function refusingByName(sql: Sql): Sql {
  return {
    ...sql,
    run: (change, ...values) =>
      sql.run(change, ...values).catch((cause: unknown) => {
        if (!isRefusedValue(cause)) throw cause;
        throw new ServerError('STORAGE_ROW_REFUSED', `PostgreSQL refuses a row: ${change.postgres}`, { cause });
      }),
  };
}
