import assert from 'node:assert/strict';
import fc from 'fast-check';
import { appraise } from '../../../../src/core/appraisal/index.ts';
import { approve } from '../../golden/material.ts';
import { labEvidence, labGoldens, labPolicy, labTrust } from '../lab.ts';

const at = new Date('2026-11-25T12:00:00Z');
const goldens = labGoldens('sb-on');
const days = (count: number): Date => new Date(at.getTime() + count * 86_400_000);
const ending = (notAfter: Date) => goldens.map(({ statement }) => approve({ ...statement, notAfter }));
const verdictOver = (of: typeof goldens) => appraise(labEvidence('sb-on'), labTrust('sb-on', of), labPolicy(), at);

describe('the check of the layers', () => {
  it('announces the end of a golden measurement two weeks before, without making the verdict worse', () => {
    const soon = verdictOver(ending(days(14)));
    assert.equal(soon.status, 'affirming');
    const announced = soon.findings.filter(({ code }) => code === 'LAYER_GOLDEN_ENDS');
    assert.deepEqual(
      announced.map(({ layer, severity, expected }) => [layer, severity, expected]),
      labPolicy().layers.map((layer) => [layer, 'info', days(14).toISOString()]),
    );
    assert.deepEqual(verdictOver(ending(days(15))).findings, verdictOver(goldens).findings);
  });

  it('is quiet while a later golden measurement of the same layer overlaps', () => {
    const overlap = verdictOver([...ending(days(3)), ...ending(days(300))]);
    assert.ok(!overlap.findings.some(({ code }) => code === 'LAYER_GOLDEN_ENDS'));
    assert.equal(overlap.status, 'affirming');
  });

  it('does not depend on the order in which two references for one environment were added', () => {
    const all = [
      ...goldens,
      ...ending(days(3)),
      ...ending(days(300)),
      ...labGoldens('kernel-cloud'),
      ...labGoldens('uki'),
    ];
    for (const run of ['sb-on', 'kernel-cloud', 'cfg-tampered']) {
      const over = (of: typeof goldens): string =>
        JSON.stringify(appraise(labEvidence(run), labTrust(run, of), labPolicy(), at));
      const answer = over(all);
      fc.assert(
        fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => over(shuffled) === answer),
        { numRuns: 15 },
      );
    }
  });
});
