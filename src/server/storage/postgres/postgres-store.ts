// The store in PostgreSQL, which any number of servers share.
import pg from 'pg';
import type { Engine } from '../sql/sql.ts';
import { openSqlStore, rememberNothing, type StoreBounds } from '../sql/sql-store.ts';
import { ServerError } from '../../errors.ts';
import type { Store } from '../store.ts';
import type { PostgresConfig } from '../../config/storage-place.ts';
import { clientConfigOf } from './connection.ts';
import { inspect, type PostgresInspection } from './inspection.ts';
import { listenForAudit } from './listening.ts';
import { checkSchema, type OnSchema } from '../move/schema-check.ts';
import { createSchema, schemaVersion, updateSchema } from './migrations.ts';
import { openPostgresEngine, readOnlyOutsideOfTransactions } from './postgres-engine.ts';
import { letIn } from './schema-guard.ts';
import { ignore, withClient } from './with-client.ts';

/** Makes the schema in an empty database.
 * @throws ServerError STORAGE_IN_USE, STORAGE_UNREACHABLE, STORAGE_REFUSED */
export async function createPostgresSchema(config: PostgresConfig): Promise<void> {
  await withClient(config, (client) => createSchema(client, () => Promise.resolve()));
}

/** Opens the store of a database that has our schema, and brings that up to date.
 * @throws ServerError STORAGE_NOT_INITIALISED, STORAGE_SCHEMA_UNKNOWN, STORAGE_OLDER_SERVED, STORAGE_UNREACHABLE, STORAGE_REFUSED */
export async function openPostgresStore(
  config: PostgresConfig,
  bounds: StoreBounds = rememberNothing,
  onSchema?: OnSchema,
): Promise<Store> {
  await withClient(config, (client) => updateSchema(client, { onSchema }));
  await checkSharing(config);
  return openPool(config, clientConfigOf(config), bounds);
}

/** The same for who only reads, beside the servers that use it: the schema stays as it is.
 * @throws ServerError STORAGE_NOT_INITIALISED, STORAGE_SCHEMA_OLD, STORAGE_SCHEMA_UNKNOWN, STORAGE_UNREACHABLE, STORAGE_REFUSED */
export async function openPostgresReader(config: PostgresConfig): Promise<Store> {
  await withClient(config, async (client) => checkSchema(await schemaVersion(client)));
  return openPool(config, clientConfigOf(config), rememberNothing);
}

function openPool(config: PostgresConfig, options: pg.ClientConfig, bounds: StoreBounds): Store {
  const pool = new pg.Pool({
    ...options,
    options: readOnlyOutsideOfTransactions,
    max: config.connections,
    verify: letIn,
  });
  // A connection that is lost says so to whoever uses it; an event that nobody hears would end the process.
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  let listening: { stop(): Promise<void> } | undefined;
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await listening?.stop();
    await pool.end();
  };
  const engine: Engine = {
    ...openPostgresEngine(pool),
    watchOthers: (tell) => {
      listening = listenForAudit(() => new pg.Client(options), tell);
    },
    isAsWeLeftIt: () => false,
    close: () => (closed ??= close()),
  };
  return openSqlStore(engine, bounds);
}

interface Sharing {
  readonly isFree: boolean;
  readonly isReading: boolean;
}

/** What keeps servers apart: there are databases that take such locks and hold nothing by them. And what a pooler may take away: that a
 * connection only reads outside of transactions, and that what it prepared is there in its next transaction, before which another takes
 * the connection that the pooler gave it.
 * @throws ServerError STORAGE_UNREACHABLE, STORAGE_REFUSED */
async function checkSharing(config: PostgresConfig): Promise<void> {
  const askAsServer = (client: pg.Client) => client.query<Sharing>(probe).then(({ rows }) => rows[0]);
  const held = await withClient(
    config,
    async (one) => {
      await askAsServer(one);
      return withClient(config, async (other) => {
        await other.query(`BEGIN; SELECT pg_advisory_xact_lock(${probeLock})`);
        return askAsServer(one);
      });
    },
    { options: readOnlyOutsideOfTransactions },
  );
  if (held?.isFree !== false) throw new ServerError('STORAGE_REFUSED', 'its advisory locks lock nothing');
  if (!held.isReading)
    throw new ServerError(
      'STORAGE_REFUSED',
      'a pooler stands before PostgreSQL, and connections write outside of transactions: the role has to have default_transaction_read_only = on',
    );
}

const probeLock = '1953723763, 4';
const probe = {
  name: 'touchstone_probe',
  text: `SELECT pg_try_advisory_xact_lock(${probeLock}) AS "isFree", current_setting('default_transaction_read_only') = 'on' AS "isReading"`,
};

/** @throws ServerError STORAGE_UNREACHABLE, STORAGE_REFUSED */
export async function inspectDatabase(config: PostgresConfig): Promise<PostgresInspection> {
  await checkSharing(config);
  return withClient(config, inspect);
}
