// The schema in PostgreSQL: the steps of SQLite in PostgreSQL's words, so that columns have the same order in both.
import type { ClientBase } from 'pg';
import { ServerError } from '../../errors.ts';
import { migrations } from '../sqlite/migrations.ts';
import type { OnSchema } from '../move/schema-check.ts';
import { schemaLock, sendAway } from './schema-guard.ts';

/** What a step needs here beside what it says, by its number. */
const additions: Readonly<Record<number, string>> = {
  1: `
  CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$;
  CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
  CREATE FUNCTION audit_is_told() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('touchstone_audit', ''); RETURN NULL; END $$;
  CREATE TRIGGER audit_is_told AFTER INSERT ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_told();
  `,
  6: 'ALTER TABLE rollouts ADD COLUMN rowid BIGINT GENERATED ALWAYS AS IDENTITY;',
  // Its rows are longer than what PostgreSQL leaves alone unless told: they would be compressed, and cut up into a second table.
  28: 'ALTER TABLE attestations SET (toast_tuple_target = 8160);',
};

/** Steps take as long as there are rows, and whoever starts meanwhile waits for the end. Only a table that somebody else holds is not waited
 * for long: that would be a copy being made (`pg_dump`), and servers would wait behind us. */
const begin = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
  SELECT pg_advisory_xact_lock(${schemaLock}); SET LOCAL lock_timeout = '10s'`;
/** As long as a timer can wait. */
const noLimit = { query_timeout: 2 ** 31 - 1 } as const;

/** Makes the schema in a database that has none, and fills it in the same transaction.
 * @param steps of a release that knows fewer of them, or more
 * @throws ServerError STORAGE_IN_USE */
export function createSchema<Result = void>(
  client: ClientBase,
  fill: () => Promise<Result>,
  steps: readonly string[] = migrations,
): Promise<Result> {
  return inTransaction(client, async () => {
    await checkUnused(client);
    await bringUp(client, 0, steps);
    return fill();
  });
}

/** Of anybody: an empty database is ours, one that has tables may be somebody else's.
 * @throws ServerError STORAGE_IN_USE */
export async function checkUnused(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ readonly name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename = 'meta' DESC LIMIT 1",
  );
  if (rows[0] === undefined) return;
  const text = rows[0].name === 'meta' ? 'belongs to a server already' : `is not empty: it has a table ${rows[0].name}`;
  throw new ServerError('STORAGE_IN_USE', `the database ${text}`);
}

/** Brings the schema up to date; replicas that start together do it once. Servers of releases before are sent away.
 * @param options.steps of a release that knows more of them than this one, where two are tried together
 * @throws ServerError STORAGE_NOT_INITIALISED, STORAGE_SCHEMA_UNKNOWN, STORAGE_OLDER_SERVED */
export async function updateSchema(
  client: ClientBase,
  {
    steps = migrations,
    onSchema,
  }: { readonly steps?: readonly string[]; readonly onSchema?: OnSchema | undefined } = {},
): Promise<void> {
  await inTransaction(client, async () => {
    const version = await schemaVersion(client);
    if (version > steps.length) {
      throw new ServerError(
        'STORAGE_SCHEMA_UNKNOWN',
        `the database has schema ${version}; this release knows ${steps.length}`,
      );
    }
    if (version === steps.length) return;
    await sendAway(client);
    onSchema?.({ from: version, to: steps.length });
    await bringUp(client, version, steps);
  });
}

async function bringUp(client: ClientBase, version: number, steps: readonly string[]): Promise<void> {
  for (const [index, step] of steps.entries()) {
    if (index >= version) await client.query({ text: `${translated(step)};${additions[index + 1] ?? ''}`, ...noLimit });
  }
  await client.query(`INSERT INTO meta VALUES ('schema', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, [
    String(steps.length),
  ]);
}

/** @throws ServerError STORAGE_NOT_INITIALISED */
export async function schemaVersion(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ readonly meta: string | null }>("SELECT to_regclass('meta') AS meta");
  const version = (rows[0]?.meta ?? null) === null ? undefined : await readVersion(client);
  if (version === undefined) throw new ServerError('STORAGE_NOT_INITIALISED', 'the database has no schema');
  return Number(version);
}

async function readVersion(client: ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ readonly value: string }>("SELECT value FROM meta WHERE key = 'schema'");
  return rows[0]?.value;
}

async function inTransaction<Result>(client: ClientBase, work: () => Promise<Result>): Promise<Result> {
  // Roles may have been told to read only, unless a transaction says otherwise.
  await client.query({ text: begin, ...noLimit });
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** Texts are compared byte by byte, as SQLite does: pages are cut by it. */
function translated(step: string): string {
  return step
    .replace(/^\s*CREATE TRIGGER .*$/gm, '')
    .replace(/\)\s*(?:STRICT|WITHOUT ROWID)(?:,\s*(?:STRICT|WITHOUT ROWID))*/g, ')')
    .replace(/\bTEXT\b/g, 'TEXT COLLATE "C"')
    .replace(/\bBLOB\b/g, 'BYTEA')
    .replace(/\bINTEGER\b/g, 'BIGINT');
}
