import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '../support/postgres.ts';
import { trustedWorld } from '../support/paper-story.ts';
import { createServerProcess, type ServerProcess } from '../support/server-process.ts';
import { cli, cliAccepted, cliJson } from './cli-run.ts';

describe('touchstone storage migrate', () => {
  let data: string;
  let url: string;
  before(async () => {
    data = join(mkdtempSync(join(tmpdir(), 'touchstone-storage-')), 'data');
    url = await createTestDatabase();
    await cliAccepted(['server', 'init', '--data', data, '--server-id', 'test.example']);
  });
  after(() => rmSync(join(data, '..'), { recursive: true }));

  const migrate = (from: string, to: string, ...more: string[]) => [
    ...['storage', 'migrate', '--from', from, '--to', to],
    ...more,
  ];

  it('rehearses without writing, then moves, says what is next, and moves back', async () => {
    const rehearsal = await cliAccepted(migrate(`sqlite:${data}`, url, '--dry-run'));
    assert.equal(rehearsal['dryRun'], true);
    const moved = await cliAccepted(migrate(`sqlite:${data}`, url));
    assert.deepEqual({ ...moved, dryRun: true }, rehearsal);
    assert.ok(existsSync(join(data, 'touchstone.db')), 'the source stays');

    unlinkSync(join(data, 'touchstone.db'));
    const { stdout, stderr, status } = await cli(migrate(url, `sqlite:${data}`));
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^audit +1 +[0-9a-f]{64}$/m);
    assert.match(stdout, /moved \d+ rows; each was read back and is the same/);
    assert.match(stdout, /next: set `storage: sqlite` in touchstone.yaml/);
    assert.match(stderr, /(?:copying|comparing) \w+: \d+ of \d+ rows/);
  });

  it('refuses a database that holds something, with its code', async () => {
    const { status, document } = await cliJson(migrate(`sqlite:${data}`, url));
    assert.deepEqual([status, document['code']], [1, 'STORAGE_IN_USE']);
  });

  it('says in the words of PostgreSQL whom it does not let in, and what to compare', async () => {
    const stranger = url.replace('//app@', '//somebody@');
    const { stderr, status } = await cli(migrate(`sqlite:${data}`, stranger));
    assert.equal(status, 1);
    assert.match(stderr, /error STORAGE_REFUSED: PostgreSQL: 28000 .*: role "somebody" does not exist\n/);
    assert.match(stderr, /hint: Compare what was given with the database: user and database of the URL/);
  });

  it('tells who moves back to put away the store that lies there', async () => {
    const { stderr, status } = await cli(migrate(url, `sqlite:${data}`));
    assert.equal(status, 1);
    assert.match(stderr, /error DATA_DIRECTORY_EXISTS: .*touchstone\.db exists\nhint: .*put that one away/);
  });

  it('does not understand two places of one kind, nor other places, nor a password in the URL', async () => {
    assert.equal((await cliJson(migrate(url, url))).status, 2);
    assert.equal((await cliJson(migrate(`sqlite:${data}`, 'mysql://db/x'))).status, 2);
    const { document } = await cliJson(migrate(`sqlite:${data}`, 'postgres://touchstone:secret@localhost/x'));
    assert.equal(document['code'], 'CONFIG_INVALID');
    assert.ok(!JSON.stringify(document).includes('secret'));
  });
});

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`touchstone storage status over ${engine}`, () => {
    let server: ServerProcess;
    before(async () => {
      const storage = engine === 'sqlite' ? {} : { storage: await createTestDatabase() };
      server = await createServerProcess(storage);
      await server.start();
      await trustedWorld(server.world());
    });
    after(() => server.remove());

    it('looks beside the running server: size, rows, age of the history, what goes next and how to back it up', async () => {
      const command = ['storage', 'status', '--data', server.dataDirectory];
      const { history, tables, lastSweep, retention, bytes, backup } = (await cliAccepted(command)) as unknown as Found;
      assert.equal(history.hosts, 1);
      assert.ok(Date.parse(history.oldest) <= Date.parse(history.newest));
      assert.deepEqual(Object.values(history.due), [0, 0, 0, 0]);
      assert.deepEqual([lastSweep, retention.historyDays], [null, 365]);
      assert.ok(bytes > tables.reduce((sum, table) => sum + table.bytes, 0) / 2);
      if (engine === 'sqlite') assert.equal(tables.find(({ name }) => name === 'attestations')?.rows, 2);
      assert.match(backup, engine === 'sqlite' ? /VACUUM INTO/ : /^pg_dump/);
      const { stdout } = await cli(command);
      assert.match(stdout, /^engine +(?:SQLite|PostgreSQL) \d+\.\d\S*.*, schema \d+$/m);
      assert.match(stdout, /^next sweep +due now; would drop nothing$/m);
    });

    it('tells monitoring how large the store is, and what sweeps dropped', async () => {
      const { token } = await server.client(server.token).call('createToken', { body: { name: 'm', role: 'monitor' } });
      const answer = await server.client(token).callRaw('getMetrics', { headers: { accept: '*/*' } });
      const text = new TextDecoder().decode(answer.body);
      assert.match(text, /^touchstone_store_bytes [1-9]\d+$/m);
      assert.match(text, /^touchstone_swept_rows_total\{kind="verdicts"\} 0$/m);
      assert.equal(/^touchstone_store_free_bytes \d+$/m.test(text), engine === 'sqlite');
    });
  });
}

interface Found {
  readonly bytes: number;
  readonly backup: string;
  readonly tables: readonly { readonly name: string; readonly bytes: number; readonly rows: number }[];
  readonly history: {
    readonly oldest: string;
    readonly newest: string;
    readonly hosts: number;
    readonly due: Readonly<Record<string, number>>;
  };
  readonly lastSweep: unknown;
  readonly retention: { readonly historyDays: number };
}
