import assert from 'node:assert/strict';
import { foreseeLockout } from '../../../src/server/lockout/forecast.ts';
import type { LockoutRecord } from '../../../src/server/storage/index.ts';

const lockout = { sharePercent: 50, windowSeconds: 600, holdSeconds: 900, leastHosts: 2, protected: [] };
const at = new Date('2026-11-26T12:00:00Z');
const secondsAgo = (seconds: number): number => at.getTime() - seconds * 1000;
const begun = (seconds: number): LockoutRecord => ({
  id: 'hld_1',
  since: secondsAgo(seconds),
  until: secondsAgo(seconds - 900),
  flipped: 3,
  fleet: 4,
});

describe('what lockout protection would make of a change', () => {
  const foresee = (holdable: number, last?: LockoutRecord, settings: Partial<typeof lockout> = {}) => {
    const { outcome, held, until } = foreseeLockout({ lockout: { ...lockout, ...settings } }, last, { holdable, fleet: 4, at }); // prettier-ignore
    return [outcome, held, until?.toISOString()];
  };

  it('begins a hold when more than the share would be lost, and for no fewer than the least', () => {
    assert.deepEqual(foresee(3), ['begins', 3, '2026-11-26T12:15:00.000Z']);
    assert.deepEqual(foresee(2), ['few', 0, undefined]);
    assert.deepEqual(foresee(3, undefined, { leastHosts: 4 }), ['few', 0, undefined]);
    assert.deepEqual(foresee(0), ['few', 0, undefined]);
  });

  it('holds nothing where it is off', () => {
    const { sharePercent, ...rest } = lockout;
    assert.equal(sharePercent, 50);
    const off = foreseeLockout({ lockout: { ...rest, sharePercent: undefined } }, undefined, { holdable: 4, fleet: 4, at }); // prettier-ignore
    assert.deepEqual([off.outcome, off.held, off.holdable], ['off', 0, 4]);
  });

  it('adds to a hold that is in force, until its end', () => {
    assert.deepEqual(foresee(1, begun(300)), ['in-force', 1, '2026-11-26T12:10:00.000Z']);
    assert.deepEqual(foresee(0, begun(300)), ['in-force', 0, undefined], 'nobody is held until any time');
  });

  it('begins none while the last one has run out and nobody ended it, nor just after it was ended', () => {
    assert.deepEqual(foresee(4, begun(1000)), ['not-ended', 0, undefined]);
    assert.deepEqual(foresee(4, { ...begun(1000), endedAt: secondsAgo(60) }), ['just-ended', 0, undefined]);
    assert.deepEqual(foresee(4, { ...begun(2000), endedAt: secondsAgo(700) })[0], 'begins');
  });
});
