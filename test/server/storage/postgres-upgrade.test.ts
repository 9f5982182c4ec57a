// Two releases over one PostgreSQL: while one changes the schema, and after. The newer one has a step more, the older one a step less.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import pg from 'pg';
import { doctor, initDataDirectory } from '../../../src/server/index.ts';
import { createStore, openReader, openStore, type Store } from '../../../src/server/storage/index.ts';
import { createSchema, updateSchema } from '../../../src/server/storage/postgres/migrations.ts';
import { withClient } from '../../../src/server/storage/postgres/with-client.ts';
import { migrations } from '../../../src/server/storage/sqlite/migrations.ts';
import { putOldStore } from '../../support/old-store.ts';
import { attest, trustedWorld } from '../../support/paper-story.ts';
import { startPoolerBefore, type Pooler } from '../../support/pooler.ts';
import { createTestDatabase, postgresAt } from '../../support/postgres.ts';
import { refuses } from '../../support/problems.ts';
import { createServerProcess } from '../../support/server-process.ts';
import { makeQuickFolder } from '../../support/quick-folder.ts';
import { touchstone } from '../../support/program.ts';
import { bindTestHost } from '../../support/stored-records.ts';

const dataDirectory = '/nowhere';
const [known, last] = [migrations.length, migrations.at(-1) ?? ''];
const newer = [...migrations, 'ALTER TABLE hosts ADD COLUMN of_a_newer_release INTEGER'];

describe('two releases over one PostgreSQL', function () {
  this.timeout(120_000);
  let url: string;
  const connected: pg.Client[] = [];
  beforeEach(async () => {
    url = await createTestDatabase();
    await createStore({ dataDirectory, storage: postgresAt(url) });
  });

  const open = (): Promise<Store> => openStore({ dataDirectory, storage: postgresAt(url) });
  const upgrade = (steps = newer) => withClient(postgresAt(url), (client) => updateSchema(client, { steps }));

  /** Somebody else at the database. */
  async function connect(name = 'psql'): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, application_name: name });
    client.on('error', () => undefined);
    await client.connect();
    connected.push(client);
    return client;
  }

  afterEach(async () => {
    // Of a test that failed on its way as well.
    for (const client of connected.splice(0)) await client.end().catch(() => undefined);
  });

  async function query(text: string): Promise<readonly object[]> {
    const client = await connect();
    return (await client.query<object>(text).finally(() => client.end())).rows;
  }

  const schema = () => query("SELECT value FROM meta WHERE key = 'schema'");

  /** As it was before the last step, which made two indexes. */
  async function goBack(): Promise<void> {
    assert.match(last, /CREATE INDEX hosts_by_state .*CREATE INDEX ak_certificates_revoked /s);
    for (const index of ['hosts_by_state', 'ak_certificates_revoked']) await query(`DROP INDEX ${index}`);
    await query(`UPDATE meta SET value = '${known - 1}' WHERE key = 'schema'`);
  }

  it('answers nothing any more once a newer release changed the schema, and says why', async () => {
    const older = await open();
    await bindTestHost(older, 'hv-1');
    assert.notEqual(await older.findHost('hv-1'), undefined);
    await upgrade();
    const refused = { code: 'STORAGE_SCHEMA_UNKNOWN', message: /schema 32; this release has 31/ };
    await assert.rejects(async () => older.findHost('hv-1'), refused);
    await assert.rejects(bindTestHost(older, 'hv-2'), refused);
    await assert.rejects(async () => older.findStanding('hv-1'), refused);
    await assert.rejects(older.ping(), refused);
    await older.close();
    await assert.rejects(open(), { code: 'STORAGE_SCHEMA_UNKNOWN' });
    await assert.rejects(openReader({ dataDirectory, storage: postgresAt(url) }), { code: 'STORAGE_SCHEMA_UNKNOWN' });
  });

  it('loses nothing that was acknowledged while the schema changes, and writes nothing by the old one after', async () => {
    const older = await open();
    const acknowledged: string[] = [];
    const codes = new Set<string>();
    let isOver = false;
    const writing = [0, 1, 2, 3].map(async (writer) => {
      for (let number = 0; !isOver; number += 1) {
        const id = `hv-${writer}-${number}`;
        await bindTestHost(older, id).then(
          () => acknowledged.push(id),
          (error: unknown) => codes.add((error as { readonly code: string }).code),
        );
      }
    });
    while (acknowledged.length < 20) await new Promise((resolve) => setTimeout(resolve, 10));
    await upgrade();
    const written = await query('SELECT id FROM hosts');
    await new Promise((resolve) => setTimeout(resolve, 300));
    isOver = true;
    await Promise.all(writing);
    await older.close();
    const ids = new Set(written.map((row) => (row as { readonly id: string }).id));
    assert.deepEqual(acknowledged.filter((id) => !ids.has(id)), []); // prettier-ignore
    assert.deepEqual(await query('SELECT id FROM hosts'), written);
    assert.ok(codes.delete('STORAGE_SCHEMA_UNKNOWN'));
    // The answer to a commit was lost with its connection.
    codes.delete('STORAGE_UNREACHABLE');
    assert.deepEqual([...codes], []);
  });

  it('goes on as before where the steps of the newer release fail', async () => {
    const older = await open();
    await bindTestHost(older, 'hv-1');
    await assert.rejects(upgrade([...newer, 'ALTER TABLE nothing ADD COLUMN x INTEGER']), { code: '42P01' });
    assert.deepEqual(await schema(), [{ value: String(known) }]);
    assert.notEqual(await older.findHost('hv-1'), undefined);
    await bindTestHost(older, 'hv-2');
    await older.close();
  });

  it('is changed by one of those that start together, and waited for longer than requests wait for a lock', async () => {
    const impatient = { query_timeout: 400, statement_timeout: 300, lock_timeout: 200 };
    const slow = [...migrations, 'SELECT pg_sleep(1)'];
    const start = () => withClient(postgresAt(url), (client) => updateSchema(client, { steps: slow }), impatient);
    await Promise.all([start(), start(), start()]);
    assert.deepEqual(await schema(), [{ value: String(slow.length) }]);
  });

  it('changes nothing while a server of a release is there that does not notice', async () => {
    await goBack();
    const earlier = await connect('touchstone');
    const folder = makeQuickFolder('touchstone-doctor-');
    await initDataDirectory(folder, { serverId: 'test.example', storage: await createTestDatabase() });
    const settings = join(folder, 'touchstone.yaml');
    const text = readFileSync(settings, 'utf8').replace(/^storage: .*$/m, `storage: '${url}'`);
    writeFileSync(settings, text, { mode: 0o600 });
    const args = [...touchstone, 'server', 'doctor', '--data', folder];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    rmSync(folder, { recursive: true });
    assert.match(
      stdout,
      /the database has schema \d+; .*\n.*servers are connected that would not notice a new schema \(1 /,
    );
    await assert.rejects(open(), { code: 'STORAGE_OLDER_SERVED', message: /: 1$/ });
    assert.deepEqual(await schema(), [{ value: String(known - 1) }]);
    assert.deepEqual((await earlier.query('SELECT 1 AS one')).rows, [{ one: 1 }], 'it works on');
    await earlier.end();
    while ((await query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'touchstone'")).length > 0);
    const changes: unknown[] = [];
    const tell = (change: unknown): void => void changes.push(change);
    const store = await openStore({ dataDirectory, storage: postgresAt(url) }, undefined, tell);
    assert.deepEqual(changes, [{ from: known - 1, to: known }]);
    assert.deepEqual(await store.listSigners(), []);
    await store.close();
  });

  it('ends connections of servers alone, and not those of whoever else looks at the database', async () => {
    await goBack();
    const [server, reader] = [await connect(`touchstone schema ${known - 1}`), await connect('pg_dump')];
    const store = await open();
    await assert.rejects(server.query('SELECT 1'));
    assert.deepEqual((await reader.query('SELECT 1 AS one')).rows, [{ one: 1 }]);
    await reader.end();
    await store.close();
  });

  it('has a server say that it is not ready, and admit nobody, not from memory either', async () => {
    const place = await createTestDatabase();
    const server = await createServerProcess({ storage: place });
    try {
      await server.start();
      const { enrolled, host } = await trustedWorld(server.world());
      assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
      const operator = server.client(server.token);
      const admit = () => operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
      assert.equal((await admit()).decision, 'allow');
      await withClient(postgresAt(place), (client) => updateSchema(client, { steps: newer }));
      await refuses(admit(), 'STORAGE_SCHEMA_UNKNOWN', 503);
      await refuses(attest(enrolled, host), 'STORAGE_SCHEMA_UNKNOWN', 503);
      await refuses(operator.call('getReadiness', {}), 'STORAGE_SCHEMA_UNKNOWN', 503);
      assert.equal((await server.client().call('getHealth', {})).status, 'ok');
      assert.equal(await server.end('SIGTERM'), 0);
    } finally {
      await server.remove();
    }
  });

  /** What an early server left, as a table's rows: numbers and texts as they are, bytes in hexadecimal. */
  const plain = (rows: readonly object[]) =>
    rows
      .map((row) =>
        JSON.stringify(
          Object.entries(row).map(([name, value]: [string, unknown]) => [
            name,
            value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
          ]),
        ),
      ) // prettier-ignore
      .sort();

  it('is brought up to date with the same rows as a store over SQLite', async () => {
    const folder = makeQuickFolder('touchstone-old-');
    const place = postgresAt(await createTestDatabase());
    putOldStore(folder);
    // Since schema 20 there are stores over PostgreSQL.
    const early = migrations.slice(0, 20);
    const old = new Database(join(folder, 'touchstone.db'));
    for (const step of early.slice(10)) old.exec(step);
    old.pragma(`user_version = ${early.length}`);
    const tables = old
      .prepare<[], { readonly name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'meta'")
      .all()
      .map(({ name }) => name);
    const read = (database: Database.Database, table: string) =>
      database.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).all();
    const copy = async (client: pg.ClientBase): Promise<void> => {
      for (const table of tables)
        for (const row of read(old, table)) {
          const [names, values] = [Object.keys(row), Object.values(row)];
          const places = values.map((_, index) => `$${index + 1}`).join(', ');
          await client.query(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`, values);
        }
    };
    await withClient(place, (client) => createSchema(client, () => copy(client), early));
    old.close();
    for (const storage of ['sqlite', place] as const)
      await (await openStore({ dataDirectory: folder, storage })).close();

    const now = new Database(join(folder, 'touchstone.db'), { readonly: true });
    const after = now
      .prepare<[], { readonly name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'meta'")
      .all();
    assert.ok(after.length > 20);
    await withClient(place, async (client) => {
      for (const { name } of after) {
        const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
        rows.forEach((row) => delete row['rowid']);
        assert.deepEqual(plain(rows), plain(read(now, name)), name);
      }
    });
    assert.ok(read(now, 'attestations').length >= 6);
    now.close();
    rmSync(folder, { recursive: true });
  });

  describe('through a pooler, which keeps connections that were ended', () => {
    let pooler: Pooler;
    beforeEach(async () => {
      pooler = await startPoolerBefore(url);
    });
    afterEach(() => pooler.close());

    it('changes nothing while another server is there', async () => {
      await goBack();
      await query(`UPDATE meta SET value = '${known}' WHERE key = 'schema'`);
      const older = await openReader({ dataDirectory, storage: postgresAt(pooler.url) });
      await older.ping();
      await query(`UPDATE meta SET value = '${known - 1}' WHERE key = 'schema'`);
      await assert.rejects(open(), { code: 'STORAGE_OLDER_SERVED' });
      await older.close();
      while ((await query("SELECT 1 FROM pg_stat_activity WHERE application_name LIKE '%pooled%'")).length > 0);
      await (await open()).close();
    });

    it('is told of by the doctor', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'touchstone-doctor-'));
      const found = async () =>
        (await doctor(folder)).filter(({ message }) => message.startsWith('PostgreSQL is reached through a pooler'));
      try {
        await initDataDirectory(folder, { serverId: 'test.example', storage: await createTestDatabase() });
        assert.deepEqual(await found(), []);
        const settings = join(folder, 'touchstone.yaml');
        const text = readFileSync(settings, 'utf8').replace(/^storage: .*$/m, `storage: ${pooler.url}`);
        writeFileSync(settings, text, { mode: 0o600 });
        assert.deepEqual(
          (await found()).map(({ ok, severity }) => [ok, severity]),
          [[false, 'info']],
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
});
