// A store behind a real PgBouncer.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import pg from 'pg';
import { createStore, inspectPostgres, openStore } from '../../../src/server/storage/index.ts';
import { openConnection } from '../../../src/server/storage/postgres/postgres-engine.ts';
import { statement } from '../../../src/server/storage/sql/sql.ts';
import {
  inSessions,
  inTransactions,
  keepsStatements,
  startPgBouncer,
  type PgBouncer,
} from '../../support/pgbouncer.ts';
import { createTestDatabase, postgresAt } from '../../support/postgres.ts';
import { makeQuickFolder } from '../../support/quick-folder.ts';
import { auditDraft } from '../../support/stored-records.ts';

describe('a store behind PgBouncer', function () {
  this.timeout(60_000);
  const dataDirectory = makeQuickFolder('touchstone-pgbouncer-store-');
  const open: PgBouncer[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.stop();
  });
  after(() => rmSync(dataDirectory, { recursive: true, force: true }));

  const readingOnly = ['default_transaction_read_only = on'] as const;
  const asDocumented = [
    ...readingOnly,
    "statement_timeout = '20s'",
    "lock_timeout = '10s'",
    "idle_in_transaction_session_timeout = '10s'",
  ] as const;

  /** A database with such settings, which docs/postgresql.md gives the role: here that is the one of all tests. */
  async function databaseWith(settings: readonly string[]): Promise<string> {
    const url = await createTestDatabase();
    const name = new URL(url).pathname.slice(1);
    await ask(url, settings.map((setting) => `ALTER DATABASE ${name} SET ${setting}`).join('; '));
    return url;
  }

  const behind = async (...settings: readonly string[]) => inFrontOf(await databaseWith(asDocumented), settings);

  async function inFrontOf(url: string, settings: readonly string[]) {
    const pooler = await startPgBouncer(url, ...settings);
    open.push(pooler);
    return postgresAt(pooler.url);
  }

  async function ask(url: string, text: string): Promise<void> {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(text).finally(() => client.end());
  }

  const openFor = (storage: Awaited<ReturnType<typeof behind>>) =>
    openStore({ dataDirectory, storage, attestation: { rememberedHosts: 1, rememberedLogs: 1 } });

  async function isKept(storage: Awaited<ReturnType<typeof behind>>): Promise<void> {
    await createStore({ dataDirectory, storage });
    const stores = [await openFor(storage), await openFor(storage)];
    for (const [index, store] of stores.entries()) await store.appendAudit(auditDraft(`of store ${index}`));
    for (const store of stores) assert.equal((await store.listAudit(0, 10)).length, 2);
    for (const store of stores) await store.close();
    const { isPooled, weaknesses } = await inspectPostgres(storage);
    assert.deepEqual([isPooled, weaknesses.filter((one) => one.includes('timeout'))], [true, []]);
  }

  it('is kept in session mode', async () => isKept(await behind(...inSessions)));

  // Debian 12 has one that cannot.
  if (keepsStatements())
    it('is kept in transaction mode, where it keeps prepared statements', async () =>
      isKept(await behind(...inTransactions, 'max_prepared_statements = 1000')));

  const refused = (message: RegExp) => ({ code: 'STORAGE_REFUSED', message });

  it('is not opened where prepared statements are not kept, and the doctor says so', async () => {
    const storage = await behind(...inTransactions);
    await createStore({ dataDirectory, storage });
    await assert.rejects(openFor(storage), refused(/^a pooler .+ keeps no prepared statements \(26000\)/));
    await assert.rejects(inspectPostgres(storage), refused(/keeps no prepared statements/));
  });

  it('is not made where it refuses the settings of a connection, or gives no transactions', async () => {
    const strict = await behind('pool_mode = session');
    await assert.rejects(createStore({ dataDirectory, storage: strict }), refused(/refuses to begin with \w+_timeout/));
    const single = await behind(...inTransactions, 'pool_mode = statement');
    await assert.rejects(
      createStore({ dataDirectory, storage: single }),
      refused(/single statements, no transactions/),
    );
  });

  it('is not opened where connections write outside of transactions, whatever a server asks for', async () => {
    const storage = await inFrontOf(await createTestDatabase(), inSessions);
    await createStore({ dataDirectory, storage });
    await assert.rejects(openFor(storage), refused(/the role has to have default_transaction_read_only = on/));
  });

  it('is said to wait for ever where the role has no timeouts', async () => {
    const storage = await inFrontOf(await databaseWith(readingOnly), inSessions);
    const { weaknesses } = await inspectPostgres(storage);
    const endless = weaknesses.filter((one) => one.includes('can keep all others waiting'));
    assert.deepEqual(
      endless.map((one) => one.split(' ')[0]),
      ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'],
    );
  });

  it('never has the answer to what another server prepared on the same connection', async () => {
    const { url } = await behind(...inTransactions);
    const clients = [1, 2, 3].map(() => new pg.Client({ connectionString: url }));
    for (const client of clients) await client.connect();
    const [ours, theirs, holding] = clients as [pg.Client, pg.Client, pg.Client];
    const [us, them] = [openConnection(ours), openConnection(theirs)];
    const [mine, other] = [
      statement<{ is: string }>("SELECT 'mine' AS is"),
      statement<{ is: string }>("SELECT 'other' AS is"),
    ];
    assert.equal((await us.get(mine))?.is, 'mine');
    await holding.query('BEGIN');
    assert.equal((await them.get(other))?.is, 'other', 'on another connection of the pooler');
    const said = await us.get(mine).then(
      (row) => row?.is,
      (error: unknown) => ((error as Error).cause as pg.DatabaseError).code,
    );
    assert.equal(said, '26000', 'that has not prepared ours');
    await holding.query('ROLLBACK');
    for (const client of clients) await client.end();
  });
});
