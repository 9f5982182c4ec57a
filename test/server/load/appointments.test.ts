import assert from 'node:assert/strict';
import { createAppointments } from '../../../src/server/load/appointments.ts';

describe('appointments of those who are sent away', () => {
  let now: number;
  beforeEach(() => {
    now = 5000;
  });

  it('are one after the other, so many in a second, and never at once', () => {
    const row = createAppointments(() => now, 60_000);
    const waits = Array.from({ length: 8 }, () => row.next(4));
    assert.deepEqual(waits, [1, 1, 1, 1, 2, 2, 2, 2]);
    assert.equal(row.bookedMs(), 2000);
  });

  it('are never further ahead than the longest', () => {
    const row = createAppointments(() => now, 3000);
    assert.deepEqual(
      Array.from({ length: 5 }, () => row.next(1)),
      [1, 2, 3, 3, 3],
    );
  });

  it('begin anew when the last of them is over', () => {
    const row = createAppointments(() => now, 60_000);
    for (let more = 0; more < 10; more += 1) row.next(1);
    now += 20_000;
    assert.equal(row.bookedMs(), 0);
    assert.equal(row.next(1), 1);
  });
});
