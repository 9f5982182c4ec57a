import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createUtilisation } from '../../../src/server/load/utilisation.ts';

describe('the utilisation of the process', () => {
  it('is high after work and low after rest', async () => {
    let now = 0;
    const utilisation = createUtilisation(() => now);
    const until = performance.now() + 100;
    while (performance.now() < until);
    now += 1000;
    const afterWork = utilisation();
    let afterRest = afterWork;
    // A process that others kept from running for the whole of a rest had none.
    for (let rest = 0; rest < 50 && afterRest >= afterWork; rest += 1) {
      await sleep(100);
      now += 1000;
      afterRest = utilisation();
    }
    assert.ok(afterWork > 0.8, String(afterWork));
    assert.ok(afterRest < afterWork, String(afterRest));
    assert.ok(afterRest >= 0 && afterWork <= 1);
  });
});
