import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWriteAheadLog } from '../../../../src/server/storage/sqlite/write-ahead-log.ts';

const page = 4096;

describe('the write-ahead log', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is moved into the database by another thread, and begins anew while nobody writes', async () => {
    const path = join(folder, 'touchstone.db');
    const database = new Database(path);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('wal_autocheckpoint = 0');
    database.exec('CREATE TABLE t (value BLOB)');
    const insert = database.prepare('INSERT INTO t VALUES (zeroblob(?))');
    let pauses = 0;
    const pause = (work: () => Promise<unknown>): Promise<unknown> => {
      pauses += 1;
      return work();
    };
    const failures: unknown[] = [];
    const log = openWriteAheadLog({ path, pause, onFailure: (error) => failures.push(error) });
    for (let group = 0; group < 64; group += 1) {
      insert.run(70 * page);
      await log.sync();
    }
    await log.close();
    assert.deepEqual([pauses, failures], [1, []]);
    const length = statSync(`${path}-wal`).size;
    insert.run(70 * page);
    assert.equal(statSync(`${path}-wal`).size, length, 'the log goes on growing');
    // Without its log: what was moved is there.
    const copy = join(folder, 'copy.db');
    copyFileSync(path, copy);
    const moved = new Database(copy);
    assert.equal(moved.prepare('SELECT count(*) FROM t').pluck().get(), 64);
    moved.close();
    database.close();
  });

  it('says when it cannot be moved', async () => {
    const path = join(folder, 'touchstone.db');
    const database = new Database(path);
    database.pragma('journal_mode = WAL');
    database.exec('CREATE TABLE t (value BLOB)');
    const failures: unknown[] = [];
    const log = openWriteAheadLog({ path, pause: (work) => work(), onFailure: (error) => failures.push(error) });
    rmSync(path);
    for (let group = 0; group < 64; group += 1) await log.sync();
    await log.close();
    assert.equal(failures.length, 1);
    database.close();
  });
});
