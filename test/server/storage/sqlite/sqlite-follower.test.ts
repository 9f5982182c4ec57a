// Reading beside the server that holds the data directory: what is committed is seen by the next question, and nothing older ever.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { copyFileSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, openSqliteStore, type Store } from '../../../../src/server/storage/index.ts';
import { openSqliteFollower } from '../../../../src/server/storage/sqlite/sqlite-follower.ts';

describe('a follower of a SQLite database', () => {
  let directory: string;
  let store: Store;
  const path = (ending = '') => join(directory, `touchstone.db${ending}`);
  const follow = () => openSqliteFollower(directory, { rememberedHosts: 100 });
  const draft = { at: 1, actor: 'test', action: 'token.created', subject: 's', details: {} };
  const token = (id: string) => ({
    id,
    name: id,
    role: 'orchestrator' as const,
    hostId: undefined,
    secretHash: new Uint8Array(32),
    createdAt: 1,
    expiresAt: undefined,
    revokedAt: undefined,
    enrolmentsLeft: undefined,
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'touchstone-follower-'));
    createDatabase(directory);
    store = openSqliteStore(directory);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('sees what was acknowledged in its very next answer, and remembers what did not change', async () => {
    const follower = follow();
    for (let round = 0; round < 200; round += 1) {
      const id = `tok_${round}`;
      await store.addToken(token(id), draft);
      const found = await follower.findToken(id);
      assert.equal(found?.revokedAt, undefined);
      assert.equal(await follower.findToken(id), found, 'the very same, from memory');
      await store.revokeToken(id, { ...draft, at: round + 7 });
      assert.equal((await follower.findToken(id))?.revokedAt, round + 7);
    }
    await follower.close();
  });

  it('writes nothing', async () => {
    const follower = follow();
    await assert.rejects(Promise.resolve(follower.addToken(token('tok_1'), draft)), { code: 'STORAGE_UNAVAILABLE' });
    await assert.rejects(follower.appendAudit(draft), { code: 'STORAGE_UNAVAILABLE' });
    await assert.rejects(follower.takeLease('one', 'name', 1000), { code: 'STORAGE_UNAVAILABLE' });
    await follower.close();
    assert.equal(await store.findToken('tok_1'), undefined);
  });

  it('keeps the log from nothing: it is begun anew while somebody asks all the time', async () => {
    const follower = follow();
    for (let round = 0; round < 1500; round += 1) {
      await store.appendAudit({ ...draft, details: { text: 'a'.repeat(30_000) } });
      await follower.findToken('tok_1');
    }
    // Some 45 MB were written.
    assert.ok(statSync(path('-wal')).size < 30e6, String(statSync(path('-wal')).size));
    await follower.close();
  });

  it('reads other files that were put in the place of the first, and never those', async () => {
    await store.addToken(token('tok_1'), draft);
    const follower = follow();
    assert.equal((await follower.findToken('tok_1'))?.revokedAt, undefined);
    await store.close();
    assert.equal(statSync(path('-wal')).size, 0, 'a server that was stopped leaves all of it in one file');
    // As a restored backup: the same, and later.
    copyFileSync(path(), path('.copy'));
    renameSync(path('.copy'), path());
    rmSync(path('-wal'), { force: true });
    rmSync(path('-shm'), { force: true });
    store = openSqliteStore(directory);
    await store.revokeToken('tok_1', { ...draft, at: 9 });
    await sleep(110);
    assert.equal((await follower.findToken('tok_1'))?.revokedAt, 9);
    await follower.close();
  });

  it('says so where the database is gone, with when to come back, and never what it was', async () => {
    await store.addToken(token('tok_1'), draft);
    const follower = follow();
    assert.ok((await follower.findToken('tok_1')) !== undefined);
    renameSync(path(), path('.away'));
    await sleep(110);
    for (let asked = 0; asked < 3; asked += 1) {
      await assert.rejects(Promise.resolve(follower.findToken('tok_1')), {
        code: 'STORAGE_UNAVAILABLE',
        headers: { 'retry-after': '5' },
      });
      await assert.rejects(Promise.resolve(follower.trustRevision()), { code: 'STORAGE_UNAVAILABLE' });
    }
    renameSync(path('.away'), path());
    assert.ok((await follower.findToken('tok_1')) !== undefined);
    await follower.close();
  });

  it('answers by what was committed last while a writer is in the middle of something, and waits for nobody', async () => {
    await store.addToken(token('tok_1'), draft);
    const follower = follow();
    const writer = new Database(path());
    writer.exec("BEGIN IMMEDIATE; UPDATE tokens SET revoked_at = 5 WHERE id = 'tok_1'");
    assert.equal((await follower.findToken('tok_1'))?.revokedAt, undefined);
    writer.exec('COMMIT');
    assert.equal((await follower.findToken('tok_1'))?.revokedAt, 5);
    writer.close();
    await follower.close();
  });

  it('is not opened where there is no database', () => {
    assert.throws(() => openSqliteFollower(join(directory, 'nowhere'), { rememberedHosts: 1 }), {
      code: 'STORAGE_UNAVAILABLE',
    });
  });
});
