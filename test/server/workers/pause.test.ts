import assert from 'node:assert/strict';
import { pauseBefore } from '../../../src/server/workers/pause.ts';

describe('the pause before a worker is started again', () => {
  it('doubles with each death, up to half a minute', () => {
    const pauses: number[] = [];
    for (let failures = 0; pauses.length < 11;) {
      const pause = pauseBefore(failures, 1000);
      ({ failures } = pause);
      pauses.push(pause.ms);
    }
    assert.deepEqual(pauses, [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000]);
  });

  it('is short again for one that lived for a minute', () => {
    assert.deepEqual(pauseBefore(9, 60_000), { ms: 200, failures: 1 });
    assert.equal(pauseBefore(9, 59_999).ms, 30_000);
  });
});
