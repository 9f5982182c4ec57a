import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { doctor } from '../../../src/server/index.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('what the doctor says of a stopped store', () => {
  let server: TestServer;
  let path: string;
  beforeEach(async () => {
    server = await startTestServer();
    path = join(server.dataDirectory, 'touchstone.db');
    await server.running.close(0);
  });
  afterEach(() => server.close());

  const ofStore = async () => (await doctor(server.dataDirectory, server.now())).filter(({ name }) => name === 'store');
  const files = () => readdirSync(server.dataDirectory);
  const digest = () => createHash('sha256').update(readFileSync(path)).digest('hex');

  it('changes nothing by looking, and keeps nobody from starting afterwards', async () => {
    const before = digest();
    assert.deepEqual(
      (await ofStore()).map(({ ok, message }) => [ok, message]),
      [[true, 'the database opens and hangs together']],
    );
    assert.equal(digest(), before);
    assert.equal(statSync(`${path}-wal`).size, 0, 'the whole store is still in one file');
    await server.restart();
  });

  it('names a database that is missing, empty or no database by its own code, and puts none in its place', async () => {
    renameSync(path, `${path}.moved`);
    const [missing] = await ofStore();
    assert.match(missing?.message ?? '', /^DATA_DIRECTORY_INCOMPLETE: .*touchstone\.db is missing$/);
    assert.ok(!files().includes('touchstone.db'));
    writeFileSync(path, '', { mode: 0o600 });
    assert.match((await ofStore())[0]?.message ?? '', /^STORAGE_DAMAGED: .*touchstone\.db is empty$/);
    writeFileSync(path, 'no database'.repeat(1000), { mode: 0o600 });
    assert.match((await ofStore())[0]?.message ?? '', /^STORAGE_DAMAGED: /);
  });

  it('finds that the database does not hang together, and goes on with what can be read', async () => {
    truncateSync(path, Math.floor(readFileSync(path).length / 2));
    const checks = await doctor(server.dataDirectory, server.now());
    const store = checks.find(({ name }) => name === 'store');
    assert.deepEqual([store?.ok, store?.severity], [false, 'error']);
    assert.match(store?.message ?? '', /^STORAGE_DAMAGED: /);
  });
});
