import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '../support/postgres.ts';
import { cli, cliAccepted, cliJson } from './cli-run.ts';

describe('touchstone storage migrate', function () {
  this.timeout(60_000);
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

  it('does not understand two places of one kind, nor other places, nor a password in the URL', async () => {
    assert.equal((await cliJson(migrate(url, url))).status, 2);
    assert.equal((await cliJson(migrate(`sqlite:${data}`, 'mysql://db/x'))).status, 2);
    const { document } = await cliJson(migrate(`sqlite:${data}`, 'postgres://touchstone:secret@localhost/x'));
    assert.equal(document['code'], 'CONFIG_INVALID');
    assert.ok(!JSON.stringify(document).includes('secret'));
  });
});
