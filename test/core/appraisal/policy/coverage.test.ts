import assert from 'node:assert/strict';
import { coveredPcrs, isCovered } from '../../../../src/core/appraisal/policy/coverage.ts';
import { layers, pcrsOfLayer } from '../../../../src/core/event-log/index.ts';

describe('coverage', () => {
  it('is all PCRs of all demanded layers, and the one of IMA for what ran', () => {
    for (const first of layers) {
      for (const second of layers) {
        const policy = { layers: [first, second] };
        const expected = new Set([first, second].flatMap((layer) => (layer === 'runtime' ? [10] : pcrsOfLayer(layer))));
        const ascending = [...expected].sort((left, right) => left - right);
        assert.deepEqual(coveredPcrs(policy), ascending);
        for (let pcr = 0; pcr < 24; pcr += 1) assert.equal(isCovered(pcr, policy), expected.has(pcr));
      }
    }
  });

  it('covers no PCR that a TPM does not have, whatever number an event names', () => {
    for (const pcr of [24, 31, 32, 36, 64, 2 ** 31, 2 ** 32 - 1]) assert.equal(isCovered(pcr, { layers }), false);
  });
});
