import assert from 'node:assert/strict';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { restsOn } from '../../../src/server/rollout/progress.ts';

describe('a verdict that proves a rollout', () => {
  const verdict = (more: Partial<Verdict> = {}): Verdict => ({
    host: 'hv-1',
    status: 'affirming',
    vector: {},
    findings: [],
    layers: { kernel: 'new-kernel', initrd: 'new-initrd' },
    evidenceDigest: '',
    challengedAt: '',
    issuedAt: '',
    expiresAt: '',
    ...more,
  });

  it('rests on each of its golden measurements, the further ones of a layer too', () => {
    assert.ok(restsOn(verdict(), { goldens: ['new-kernel'] }));
    const further = verdict({ furtherGoldens: ['new-modules'] });
    assert.ok(restsOn(further, { goldens: ['new-kernel', 'new-initrd', 'new-modules'] }));
    assert.ok(!restsOn(verdict(), { goldens: ['new-kernel', 'another-initrd'] }));
    assert.ok(!restsOn(verdict(), { goldens: ['new-kernel', 'new-modules'] }));
  });

  it('trusts without a reservation', () => {
    assert.ok(!restsOn(verdict({ status: 'warning' }), { goldens: ['new-kernel'] }));
  });
});
