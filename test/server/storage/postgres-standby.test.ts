// A PostgreSQL that was a primary and is a standby: nothing is written there, and everybody is told so, until it is a primary again.
import assert from 'node:assert/strict';
import { chownSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createStore, openStore, type Store } from '../../../src/server/storage/index.ts';
import {
  openPostgresEngine,
  readOnlyOutsideOfTransactions,
} from '../../../src/server/storage/postgres/postgres-engine.ts';
import { statement } from '../../../src/server/storage/sql/sql.ts';
import { createCluster, createTestDatabase, postgresAt, type Cluster } from '../../support/postgres.ts';
import { makeQuickFolder } from '../../support/quick-folder.ts';
import { auditDraft } from '../../support/stored-records.ts';

describe('a store over a PostgreSQL that became a standby', function () {
  this.timeout(120_000);
  const dataDirectory = makeQuickFolder('touchstone-standby-');
  let cluster: Cluster;
  let url: string;
  let store: Store;
  before(async () => {
    cluster = await createCluster();
    url = await createTestDatabase(cluster);
    const storage = postgresAt(url);
    await createStore({ dataDirectory, storage });
    store = await openStore({ dataDirectory, storage, attestation: { rememberedHosts: 1, rememberedLogs: 1 } });
    await store.appendAudit(auditDraft('before'));
  });
  after(async () => {
    await store.close();
    await cluster.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  const actions = async () => (await store.listAudit(0, 10)).map(({ action }) => action);

  async function becomeStandby(): Promise<void> {
    await cluster.stop();
    const [signal, { uid, gid }] = [join(cluster.data, 'standby.signal'), statSync(cluster.data)];
    writeFileSync(signal, '');
    chownSync(signal, uid, gid);
    await cluster.start();
  }

  async function ask(statement: string): Promise<void> {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(statement).finally(() => client.end());
  }

  it('says so to whoever wants to write over a connection that was open, and makes no new one', async () => {
    await becomeStandby();
    await assert.rejects(ask('BEGIN READ WRITE'), { code: '0A000' }, 'that is what it answers');
    // A connection that was there before, such as that of a pooler: a new one of the server's own is not made to a standby.
    const pool = new pg.Pool({ connectionString: url, options: readOnlyOutsideOfTransactions, pipeline: true, max: 1 });
    const engine = openPostgresEngine(pool);
    const change = statement("UPDATE meta SET value = 'x' WHERE value = 'y'");
    const works = {
      'a change alone': () => engine.run(change),
      'a transaction that reads': () => engine.transact(undefined, (sql) => sql.get(statement('SELECT 1'))),
      'a transaction that changes': () => engine.transact('hv-1', (sql) => sql.run(change)),
    };
    try {
      for (const [name, work] of Object.entries(works)) {
        await assert.rejects(work(), { code: 'STORAGE_UNAVAILABLE', headers: { 'retry-after': '5' } }, name);
        assert.equal(pool.totalCount, 0, `the connection is given up after ${name}`);
      }
      assert.ok(await engine.get(statement('SELECT 1')), 'what only reads is answered');
    } finally {
      await pool.end();
    }
    await assert.rejects(store.appendAudit(auditDraft('meanwhile')), { code: 'STORAGE_UNREACHABLE' });
  });

  it('writes to it again where it is made the primary', async () => {
    await ask('SELECT pg_promote()');
    await store.appendAudit(auditDraft('after'));
    assert.deepEqual(await actions(), ['before', 'after']);
  });
});
