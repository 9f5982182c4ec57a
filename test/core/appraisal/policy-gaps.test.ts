import assert from 'node:assert/strict';
import { parsePolicy, readPolicyGaps } from '../../../src/core/appraisal/index.ts';
import { bootLayers, labPolicy } from './lab.ts';

describe('readPolicyGaps', () => {
  it('is silent about a policy that demands the whole boot', () => {
    assert.deepEqual(readPolicyGaps(labPolicy()), []);
    assert.deepEqual(readPolicyGaps(labPolicy({ layers: [...bootLayers, 'runtime'] })), []);
  });

  it('T21: warns of each boot stage that no demanded layer covers, and names its PCRs', () => {
    const policy = parsePolicy({ id: 'p', version: 1, layers: ['firmware', 'kernel'], verdictSeconds: 60 });
    assert.deepEqual(
      readPolicyGaps(policy).map(({ layer, uncovered }) => [layer, uncovered]),
      [
        ['secure-boot', [7, 14]],
        ['boot-loader', []],
        ['kernel-command-line', [8, 12]],
        ['initrd', []],
      ],
    );
    assert.match(readPolicyGaps(policy)[0]?.message ?? '', /layer secure-boot.*PCR 7, 14/);
  });
});
