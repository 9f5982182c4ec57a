import assert from 'node:assert/strict';
import { checkConfig, ServerError } from '../../../src/server/index.ts';
import { checkWorkers } from '../../../src/server/workers/workers-check.ts';

describe('the number of workers', () => {
  const configOf = (more: object) => checkConfig({ serverId: 'test.example', ...more }, '/nowhere');

  it('is one unless told, and more than one is refused over SQLite, with what to do', () => {
    assert.equal(configOf({}).workers, 1);
    assert.equal(configOf({ workers: 3, storage: 'postgres://a@db.example/b' }).workers, 3);
    assert.throws(
      () => configOf({ workers: 2 }),
      (error) => {
        assert.ok(error instanceof ServerError && error.code === 'CONFIG_INVALID');
        assert.match(error.message, /^workers: SQLite has one writer.*touchstone storage migrate/s);
        return true;
      },
    );
    assert.throws(() => configOf({ workers: 0 }), /workers/);
  });

  it('is looked at by the doctor where there are several: no more than there are cores', () => {
    assert.deepEqual(checkWorkers({ workers: 1 }, 2), []);
    assert.equal(checkWorkers({ workers: 2 }, 2)[0]?.ok, true);
    assert.equal(checkWorkers({ workers: 3 }, 2)[0]?.ok, false);
  });
});
