import assert from 'node:assert/strict';
import { liveFleet } from './fleet-story.ts';

describe('a fleet of paper hosts', () => {
  it('lives through boot, power cut, mass update, compromise and silence: none is lost, none is trusted without proof', async function () {
    this.timeout(300_000);
    const herd = await liveFleet({ size: 120, places: 8, say: () => undefined });
    assert.ok(herd.refusals > 0, 'the power cut was no more than the server takes at once');
  });
});
