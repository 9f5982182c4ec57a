import assert from 'node:assert/strict';
import { createPace } from '../../src/controller/patience.ts';

const { signal } = new AbortController();

/** A clock that stands until somebody sleeps, and then is later at once. */
function createSleeper() {
  let now = 0;
  return {
    monotonic: () => now,
    sleep: (milliseconds: number) => {
      now += milliseconds;
      return Promise.resolve();
    },
  };
}

describe('the pace of a controller', () => {
  it('lets permits through one after the other, and what is urgent at once', async () => {
    const clock = createSleeper();
    const pace = createPace(2, clock);
    for (const at of [0, 500, 1000]) {
      await pace.next(signal);
      assert.equal(clock.monotonic(), at);
      await pace.urgent(signal);
      assert.equal(clock.monotonic(), at);
    }
  });

  it('holds both as long as a pause was asked for', async () => {
    const clock = createSleeper();
    const pace = createPace(2, clock);
    pace.pause(3000);
    pace.pause(100);
    await pace.urgent(signal);
    assert.equal(clock.monotonic(), 3000);
    pace.pause(3000);
    await pace.next(signal);
    assert.equal(clock.monotonic(), 6000);
  });
});
