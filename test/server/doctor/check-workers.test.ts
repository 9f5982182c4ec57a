import assert from 'node:assert/strict';
import { checkConfig, ServerError } from '../../../src/server/index.ts';
import { checkWorkers } from '../../../src/server/doctor/check-workers.ts';

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
    assert.deepEqual(checkWorkers(configOf({ workers: 1, storage: 'postgres://a@db.example/b' }), 2), []);
    assert.equal(checkWorkers(configOf({ workers: 2, storage: 'postgres://a@db.example/b' }), 2)[0]?.ok, true);
    assert.equal(checkWorkers(configOf({ workers: 3, storage: 'postgres://a@db.example/b' }), 2)[0]?.ok, false);
  });

  it('counts the process that admission has to itself', () => {
    const apart = configOf({ admission: { listen: { port: 1 } } });
    assert.equal(checkWorkers(apart, 2)[0]?.ok, true);
    const [alone] = checkWorkers(apart, 1);
    assert.deepEqual(
      [alone?.ok, alone?.message],
      [false, '1 worker and one for admission on 1 core: they wait for each other'],
    );
  });
});
