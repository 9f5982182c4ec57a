// Two releases over one database. A connection reads tables only after it was let in: it saw the schema that its program knows, under a lock
// that nobody holds who changes the schema. Whoever changes it ends those that were let in, before the first step; they dial again, wait for
// the lock, and are refused by what they see then. So no statement of a release is answered by the schema of another. docs/decisions/0053
import type { ClientBase, QueryResult } from 'pg';
import { ServerError } from '../../errors.ts';
import { checkSchema, knownSchema } from '../move/schema-check.ts';
import { unreachable } from './postgres-error.ts';

/** Shared by who is let in, alone for who changes the schema. */
export const schemaLock = '1953723763, 3';

/** What a connection is called that was not let in, or has no need to be. */
export const outsideName = 'touchstone outside';
/** Releases that did not look called all their connections so. */
const everybodysName = 'touchstone';
const insideName = 'touchstone schema';
/** A pooler keeps the connection of a server whose own was ended, so nobody is asked anew. */
const pooledName = 'touchstone pooled schema';

interface Seen {
  readonly standby: boolean;
  readonly schema: string | null;
}

/** For a pool, which gives nobody a connection before. A standby would answer, but from the past: who was revoked or quarantined a moment ago
 * may be trusted there still. */
export function letIn(client: ClientBase, done: (error?: Error) => void): void {
  look(client).then(
    () => done(),
    (error: unknown) => done(error as Error),
  );
}

/** @throws ServerError STORAGE_UNREACHABLE, STORAGE_SCHEMA_OLD, STORAGE_SCHEMA_UNKNOWN */
async function look(client: ClientBase): Promise<void> {
  const name = `CASE WHEN pg_backend_pid() = ${processOf(client)} THEN '${insideName}' ELSE '${pooledName}' END`;
  const answers = await client.query(`
    BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY;
    SELECT pg_advisory_xact_lock_shared(${schemaLock});
    SELECT set_config('application_name', ${name} || ' ${knownSchema}', false);
    SELECT pg_is_in_recovery() AS standby, (SELECT value FROM meta WHERE key = 'schema') AS schema;
    COMMIT`);
  const [, , , seen] = answers as unknown as readonly QueryResult<Seen>[];
  const { standby = true, schema = null } = seen?.rows[0] ?? {};
  if (standby) throw unreachable('this is a standby', undefined);
  checkSchema(Number(schema));
}

/** The process of the database that the other end says it is. A pooler says something of its own. */
export function processOf(client: ClientBase): number {
  const { processID } = client as ClientBase & { readonly processID?: number | null };
  return processID ?? 0;
}

const others = 'datname = current_database() AND pid <> pg_backend_pid() AND application_name';
const countOlder = `SELECT count(*) AS count FROM pg_stat_activity
  WHERE ${others} = '${everybodysName}' OR ${others} LIKE '${pooledName} %'`;
const endThose = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others} LIKE '${insideName} %'`;

const lookEveryMs = 50;
const patienceMs = 10_000;

/** How many connections there are of servers that would not notice. */
export async function countUntold(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ readonly count: number }>(countOlder);
  return rows[0]?.count ?? 0;
}

/** Inside the transaction that changes the schema, which holds the lock: nobody is let in from here to its end.
 * @throws ServerError STORAGE_OLDER_SERVED, STORAGE_UNREACHABLE */
export async function sendAway(client: ClientBase): Promise<void> {
  const count = await countUntold(client);
  if (count > 0) {
    throw new ServerError('STORAGE_OLDER_SERVED', `connections that would not notice a new schema: ${count}`);
  }
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookEveryMs) {
    const { rowCount } = await client.query(endThose);
    if (rowCount === 0) return;
    // Within a transaction the list stays what it was when it was first read.
    await client.query(`SELECT pg_sleep(${lookEveryMs / 1000}), pg_stat_clear_snapshot()`);
  }
  throw unreachable('connections of other servers do not end', undefined);
}
