import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainEntry, findBrokenLink } from '../../../src/server/audit/audit-chain.ts';
import { createDatabase, openSqliteStore } from '../../../src/server/storage/index.ts';
import { openDatabase } from '../../../src/server/storage/sqlite/database.ts';

describe('the SQLite store', () => {
  let directory: string;
  const path = () => join(directory, 'touchstone.db');
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'touchstone-store-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const draft = (action: string) => ({ at: 1, actor: 'test', action, subject: 's', details: { n: 1, list: ['a'] } });

  it('is never made by opening it', () => {
    assert.throws(() => openSqliteStore(directory), { code: 'DATA_DIRECTORY_INCOMPLETE' });
    createDatabase(directory);
    assert.throws(() => createDatabase(directory), { code: 'DATA_DIRECTORY_EXISTS' });
  });

  it('belongs to one server at a time', async () => {
    createDatabase(directory);
    const store = openSqliteStore(directory);
    assert.throws(() => openSqliteStore(directory), { code: 'DATA_DIRECTORY_LOCKED' });
    await store.close();
    await openSqliteStore(directory).close();
  });

  it('commits durably: WAL with synchronous FULL', () => {
    createDatabase(directory);
    const database = new Database(path());
    assert.equal(database.pragma('journal_mode', { simple: true }), 'wal');
    database.close();
    const opened = openDatabase(directory);
    assert.equal(opened.pragma('synchronous', { simple: true }), 2);
    opened.close();
  });

  it('refuses a schema of a newer release and leaves it alone', () => {
    createDatabase(directory);
    const database = new Database(path());
    database.pragma('user_version = 999');
    database.close();
    assert.throws(() => openSqliteStore(directory), { code: 'STORAGE_SCHEMA_UNKNOWN' });
  });

  it('chains the audit log, and cannot change or remove an entry', async () => {
    createDatabase(directory);
    const store = openSqliteStore(directory);
    for (const action of ['one', 'two', 'three']) await store.appendAudit(draft(action));
    const entries = await store.listAudit(0, 10);
    assert.deepEqual(
      entries.map(({ sequence, action }) => [sequence, action]),
      [
        [1, 'one'],
        [2, 'two'],
        [3, 'three'],
      ],
    );
    assert.equal(findBrokenLink(entries), undefined);
    assert.equal(findBrokenLink(await store.listAudit(1, 10), entries[0]), undefined);
    await store.close();
    const database = new Database(path());
    assert.throws(() => database.exec("UPDATE audit SET actor = 'nobody'"), /append-only/);
    assert.throws(() => database.exec('DELETE FROM audit WHERE sequence = 3'), /append-only/);
    database.close();
  });

  it('shows a changed, removed or moved audit entry as a broken link', () => {
    const one = chainEntry(draft('one'), undefined);
    const two = chainEntry(draft('two'), one);
    const three = chainEntry(draft('three'), two);
    assert.equal(findBrokenLink([one, two, three]), undefined);
    assert.equal(findBrokenLink([]), undefined);
    assert.equal(findBrokenLink([{ ...one, actor: 'nobody' }, two, three]), 1);
    assert.equal(findBrokenLink([one, three]), 3);
    assert.equal(findBrokenLink([two, three]), 2);
    assert.equal(findBrokenLink([one, { ...two, details: {} }, three]), 2);
  });

  it('undoes everything when a change fails half way', async () => {
    createDatabase(directory);
    const store = openSqliteStore(directory);
    const signer = { keyid: 'k', name: 'n', publicKeyPem: 'p', layers: undefined, createdAt: 1 };
    const bad = { ...draft('signer.added'), details: { broken: '\ud800' } };
    await assert.rejects(store.addSigner(signer, bad), { code: 'ENCODING_JSON_NOT_CANONICAL' });
    assert.deepEqual(await store.listSigners(), []);
    assert.deepEqual(await store.listAudit(0, 10), []);
    await store.close();
  });
});
