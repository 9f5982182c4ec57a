import assert from 'node:assert/strict';
import { checkLockout } from '../../../src/server/doctor/check-lockout.ts';
import type { LockoutRecord } from '../../../src/server/storage/index.ts';

const lockout = { sharePercent: 50, windowSeconds: 600, holdSeconds: 900, leastHosts: 2, protected: [] };
const at = new Date('2026-11-26T12:00:00Z');
const begun: LockoutRecord = { id: 'hld_1', since: at.getTime(), until: at.getTime() + 900_000, flipped: 3, fleet: 4 };

describe('what the doctor says of lockout protection', () => {
  const check = (record: LockoutRecord | undefined, seconds = 0) => {
    const { ok, message } = checkLockout({ lockout }, record, new Date(+at + seconds * 1000)); // prettier-ignore
    return [ok, message];
  };

  it('is when it holds, or that it is off', () => {
    const on = 'lockout protection holds for 900 s when more than 50 % of the hosts lose trust at once';
    assert.deepEqual(check(undefined), [true, on]);
    assert.deepEqual(check({ ...begun, endedAt: +at }), [true, on], 'an operator ended the last one');
    const off = checkLockout({ lockout: { ...lockout, sharePercent: undefined } }, undefined, at);
    assert.deepEqual([off.ok, off.message], [true, 'lockout protection is off']);
  });

  it('is a warning while statuses are held, and until an operator ends what has run out', () => {
    const [isFine, held] = check(begun);
    assert.equal(isFine, false);
    assert.match(String(held), /^statuses are held until 2026-11-26T12:15:00\.000Z: 3 of 4 hosts lost trust/);
    assert.deepEqual(check(begun, 900), [
      false,
      'the hold hld_1 is over and was not ended: there is no other before that',
    ]);
  });
});
