// What is planned as a list of statements goes into its group without a savepoint: on a real database, whoever fails fails alone.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, statement, type Engine } from '../../../../src/server/storage/sql/sql.ts';
import { createDatabase, openDatabase } from '../../../../src/server/storage/sqlite/database.ts';
import { openSqliteEngine } from '../../../../src/server/storage/sqlite/sqlite-engine.ts';

const insert = statement("INSERT INTO meta (key, value) VALUES ('plain-' || ?, ?)");
const list = statement<{ readonly key: string }>("SELECT key FROM meta WHERE key LIKE 'plain-%' ORDER BY key");

describe('parts of a group that are lists of statements', () => {
  let folder: string;
  let engine: Engine;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-plain-'));
    createDatabase(folder);
    engine = openSqliteEngine(openDatabase(folder), { path: folder });
  });
  afterEach(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  const change = (...keys: readonly (string | number)[]) =>
    engine.change('host', () => Promise.resolve(keys.map((key) => call(insert, key, 'value'))));
  const kept = async () => (await engine.all(list)).map(({ key }) => key.replace('plain-', ''));

  it('fail alone, whichever of their statements fails', async () => {
    await change('taken');
    const together = await Promise.allSettled([
      change('a', 'b'),
      change('taken', 'c'),
      change('d', 'taken'),
      change('e'),
      engine.transact('host', (sql) => sql.run(insert, 'f', 'value')),
    ]);
    assert.deepEqual(
      together.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled', 'fulfilled'],
    );
    assert.deepEqual(await kept(), ['a', 'b', 'e', 'f', 'taken']);
  });

  it('say so where a value is missing, and leave nothing of it', async () => {
    const missing = statement("INSERT INTO meta (key, value) VALUES ('plain-g', NULL)");
    const before = call(insert, 'h', 'value');
    const [first, later, good] = await Promise.all([
      engine.change('host', () => Promise.resolve([call(missing)])),
      engine.change('host', () => Promise.resolve([before, call(missing)])),
      change('i'),
    ]);
    assert.deepEqual([first, later, good], [false, false, true]);
    assert.deepEqual(await kept(), ['i']);
  });

  it('fail alone where their plan could not be made', async () => {
    const unmade = engine.change('host', () => Promise.reject(new TypeError('no plan')));
    const [bad, good] = await Promise.allSettled([unmade, change('j')]);
    assert.ok(bad.status === 'rejected' && (bad.reason as Error).message === 'no plan');
    assert.equal(good.status, 'fulfilled');
    assert.deepEqual(await kept(), ['j']);
  });
});
