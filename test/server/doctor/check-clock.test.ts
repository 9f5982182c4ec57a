import assert from 'node:assert/strict';
import { checkDatabaseClock } from '../../../src/server/doctor/check-clock.ts';
import { inspect } from '../../../src/server/storage/postgres/inspection.ts';

describe('the clock of a database', () => {
  const settings = {
    version: '15.1',
    fsync: 'on',
    commit: 'on',
    pages: 'on',
    standbys: 'a',
    standby: false,
    tls: null,
    endless: [],
  };
  const aheadOf = async (nowMs: number, ...clock: number[]) => {
    const client = { query: () => Promise.resolve({ rows: [{ ...settings, nowMs }] }) };
    return (await inspect(client as never, () => clock.shift() ?? NaN)).clockAheadMs;
  };

  it('is held against the middle of the way there and back', async () => {
    assert.equal(await aheadOf(601_000, 0, 2000), 600_000);
    assert.equal(await aheadOf(0, 600_000, 600_000), -600_000);
  });

  it('is no matter within five seconds, and a warning beyond, with the side on which it is off', () => {
    for (const ahead of [0, 5000, -5000]) assert.deepEqual(checkDatabaseClock(ahead), []);
    const told = [600_000, -5600].flatMap(checkDatabaseClock).map(({ name, ok, severity, message }) => [name, ok, severity, message]); // prettier-ignore
    assert.deepEqual(told, [
      ['clock', false, 'warning', 'the clock of PostgreSQL is 600 s ahead of the one of this machine: one of them is wrong'],
      ['clock', false, 'warning', 'the clock of PostgreSQL is 6 s behind the one of this machine: one of them is wrong'],
    ]); // prettier-ignore
  });
});
