// A server's store is moved from SQLite to PostgreSQL and back, with the server's own word for what it knew before and after.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { checkConfig, moveEndOf, moveStorage, startServer, type RunningServer } from '../../../../src/server/index.ts';
import { createStore, openStore } from '../../../../src/server/storage/index.ts';
import { listTables } from '../../../../src/server/storage/move/tables.ts';
import { createApiClient, type ApiClient } from '../../../../src/api/index.ts';
import { attest, trustedWorld, type TrustedWorld } from '../../../support/paper-story.ts';
import { createTestDatabase, postgresAt } from '../../../support/postgres.ts';
import { startTestServer, type TestServer } from '../../../support/test-server.ts';
import { auditDraft } from '../../../support/stored-records.ts';

const tell = () => undefined;

function move(from: string, to: string, isRehearsal = false) {
  return moveStorage({ from: moveEndOf(from, {}), to: moveEndOf(to, {}), isRehearsal, tell });
}

describe('moving a store', function () {
  this.timeout(120_000);
  let server: TestServer;
  let world: TrustedWorld;
  let url: string;
  let sqlite: string;
  before(async () => {
    url = await createTestDatabase();
    server = await startTestServer();
    sqlite = `sqlite:${server.dataDirectory}`;
    world = await trustedWorld(server);
  });
  after(() => rmSync(server.dataDirectory, { recursive: true, force: true }));

  async function serve<Result>(storage: string, ask: (client: ApiClient, running: RunningServer) => Promise<Result>) {
    const settings = { serverId: 'test.example', listen: { port: 0 }, log: { level: 'silent' }, storage };
    const running = await startServer(checkConfig(settings, server.dataDirectory), {
      now: () => server.now(),
      announce: tell,
    });
    const client = createApiClient({ baseUrl: running.url, token: server.operatorToken });
    try {
      return await ask(client, running);
    } finally {
      client.close();
      await running.close(0);
    }
  }

  async function tellAll(client: ApiClient) {
    const path = { hostId: 'hv-1' };
    const verdict = await client.call('getVerdict', { path });
    const { items: audit } = await client.call('listAudit', { query: { limit: 1000 } });
    const goldens = await client.call('listGoldenMeasurements', {});
    assert.equal(verdict.status, 'affirming');
    return { verdict, audit, goldens };
  }

  async function tableSizes(database: string) {
    const store = await openStore({ dataDirectory: '/nowhere', storage: postgresAt(database) });
    try {
      return await store.listTableSizes();
    } finally {
      await store.close();
    }
  }

  it('refuses while a server uses the source, and writes nothing', async () => {
    await assert.rejects(move(sqlite, url), { code: 'DATA_DIRECTORY_LOCKED' });
    await createStore({ dataDirectory: '/nowhere', storage: postgresAt(url) });
    const store = await openStore({ dataDirectory: '/nowhere', storage: postgresAt(url) });
    await store.ping();
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-move-'));
    await assert.rejects(move(url, `sqlite:${folder}`), { code: 'STORAGE_SERVED' });
    rmSync(folder, { recursive: true });
    await store.close();
    url = await createTestDatabase();
  });

  it('takes verdicts, audit log and goldens along, both ways, and every row is the same', async () => {
    const before = await tellAll(server.operator);
    server.operator.close();
    await server.running.close(0);

    const rehearsed = await move(sqlite, url, true);
    const there = await move(sqlite, url);
    assert.deepEqual(there, rehearsed);
    assert.ok(there.every(({ name, rows }) => rows > 0 || name !== 'attestations'));
    const counted = new Map((await tableSizes(url)).map(({ name, rows }) => [name, rows]));
    for (const { name, rows } of there.filter((one) => one.name !== 'meta'))
      assert.equal(counted.get(name), rows, `storage status would say of ${name}`);
    assert.deepEqual(await serve(url, tellAll), before);

    const file = join(server.dataDirectory, 'touchstone.db');
    renameSync(file, `${file}.old`);
    ['-wal', '-shm'].forEach((end) => rmSync(`${file}${end}`, { force: true }));
    const back = await move(url, sqlite);
    const moved = (surveys: typeof back) => surveys.filter(({ name }) => name !== 'meta');
    assert.deepEqual(moved(back), moved(there));
    await serve('sqlite', async (operator, { url: baseUrl }) => {
      assert.deepEqual(await tellAll(operator), before);
      const { enrolled, host } = world;
      const client = createApiClient({ baseUrl, token: enrolled.token, prove: enrolled.prove });
      assert.equal((await attest({ ...enrolled, client }, host)).verdict.status, 'affirming');
      client.close();
    });
  });

  it('refuses a target that holds something, whoever it belongs to', async () => {
    await assert.rejects(move(sqlite, url), { code: 'STORAGE_IN_USE' });
    await assert.rejects(move(url, sqlite), { code: 'DATA_DIRECTORY_EXISTS' });
    await assert.rejects(move(url, 'sqlite:/nowhere'), { code: 'DATA_DIRECTORY_INCOMPLETE' });
    const foreign = await createTestDatabase();
    await query(foreign, 'CREATE TABLE invoices (id INTEGER)');
    await assert.rejects(move(sqlite, foreign), { code: 'STORAGE_IN_USE', message: /has a table invoices/ });
  });

  it('moves nothing of a store whose audit log or logs do not hold together', async () => {
    const empty = await createTestDatabase();
    const damage = async (sql: string, code: string): Promise<void> => {
      const path = join(server.dataDirectory, 'touchstone.db');
      const database = new Database(path);
      database.exec(`BEGIN; DROP TRIGGER audit_is_append_only_update; ${sql}; COMMIT`);
      database.close();
      await assert.rejects(move(sqlite, empty), { code });
    };
    const logs = "UPDATE logs SET deflated = x'0300' WHERE sha256 = (SELECT max(sha256) FROM logs)";
    await damage(logs, 'STORAGE_DAMAGED');
    const trigger =
      "CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'x'); END";
    const database = new Database(join(server.dataDirectory, 'touchstone.db'));
    database.exec(trigger);
    database.close();
    await damage("UPDATE audit SET actor = 'nobody' WHERE sequence = 3", 'AUDIT_LOG_BROKEN');
    assert.deepEqual(await query(empty, 'SELECT tablename FROM pg_tables WHERE schemaname = current_schema()'), []);
  });

  it('leaves no half of a file when it fails in the middle, and begins again', async () => {
    const from = moveEndOf(url, {});
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-move-'));
    const to = moveEndOf(`sqlite:${folder}`, {});
    const fail = ({ step }: { readonly step: string }): void => {
      if (step === 'comparing') throw new TypeError('the power went');
    };
    await assert.rejects(moveStorage({ from, to, isRehearsal: false, tell: fail }), /the power went/);
    assert.equal(existsSync(join(folder, 'touchstone.db')), false);
    const surveys = await moveStorage({ from, to, isRehearsal: false, tell });
    assert.equal(surveys.length, listTables().length);
    const store = await openStore({ dataDirectory: folder, storage: 'sqlite' });
    await store.appendAudit(auditDraft('moved'));
    await store.close();
    rmSync(folder, { recursive: true });
  });
});

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as readonly unknown[];
  } finally {
    await client.end();
  }
}
