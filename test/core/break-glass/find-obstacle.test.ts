import assert from 'node:assert/strict';
import fc from 'fast-check';
import { excusedStatus, findObstacle, type Obstacle } from '../../../src/core/break-glass/index.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { covered, ek, finding, statement } from './material.ts';

describe('what keeps a break-glass statement from covering a host', () => {
  const obstacle = (change: Partial<Verdict>, key = ek) => findObstacle(statement, key, { ...covered, ...change });
  const boot = covered.boot!;

  it('is nothing where the very boot that was signed is refused for what was excused', () => {
    assert.equal(obstacle({}), undefined);
    assert.equal(obstacle({ status: 'none', boot: { ...boot, epoch: 'rebooted' } }), undefined);
    assert.equal(obstacle({ findings: [finding('KERNEL_DIVERGED'), finding('LOG_QUIRK', 'info')] }), undefined);
  });

  const never: readonly (readonly [Obstacle, Partial<Verdict>, string?])[] = [
    ['not-named', { host: 'hv-3' }],
    ['other-tpm', {}, 'ef'.repeat(32)],
    ['other-tpm', { host: 'hv-2.rack3' }],
    ['other-boot', { boot: { ...boot, resetCount: 8 } }],
    ['other-boot', { boot: { ...boot, restartCount: 2 } }],
    ['other-boot', { boot: { ...boot, epoch: 'rolled-back' } }],
    ['other-boot-log', { eventLogDigest: 'ef'.repeat(32) }],
    ['not-excused', { findings: [finding('KERNEL_DIVERGED'), finding('DENIED_BY_LIST')] }],
    ['not-excused', { findings: [finding('INITRD_DIVERGED')] }],
    ['not-excused', { findings: [{ ...finding('LAYER_GOLDEN_NONE'), layer: 'secure-boot' }] }],
    ['not-excused', { findings: [{ ...finding('LAYER_GOLDEN_NONE'), layer: 'runtime' }] }],
    ['nothing-to-excuse', { status: 'affirming', findings: [] }],
    ['nothing-to-excuse', { status: 'warning' }],
  ];
  for (const [code, change, key] of never) {
    it(`is ${code} with ${JSON.stringify(change)}`, () => assert.equal(obstacle(change, key), code));
  }

  it('rejects when there is nothing to judge: no proved boot, no boot log, no finding', () => {
    for (const [part, code] of [
      ['boot', 'other-boot'],
      ['eventLogDigest', 'other-boot-log'],
    ] as const) {
      const unproved = { ...covered };
      Reflect.deleteProperty(unproved, part);
      assert.equal(findObstacle(statement, ek, unproved), code);
    }
    assert.equal(obstacle({ findings: [] }), 'not-excused');
  });

  it('never is nothing for another TPM, boot, log or finding, whatever comes together', () => {
    const either = <Value>(good: Value, ...bad: Value[]) => fc.constantFrom(...Array<Value>(9).fill(good), ...bad);
    const sketch = fc.record({
      key: either(ek, 'ef'.repeat(32)),
      host: either('hv-1', 'hv-2.rack3', 'hv-3'),
      resetCount: either(7, 8),
      restartCount: either(1, 2),
      eventLogDigest: either(covered.eventLogDigest!, 'ef'.repeat(32)),
      codes: fc.uniqueArray(either('KERNEL_DIVERGED', 'LAYER_GOLDEN_NONE', 'INITRD_DIVERGED', 'DENIED_BY_LIST')),
      status: either('contraindicated' as const, 'none' as const, 'affirming' as const, 'warning' as const),
    });
    let covers = 0;
    fc.assert(
      fc.property(sketch, ({ key, host, resetCount, restartCount, eventLogDigest, codes, status }) => {
        const findings = codes.map((code) => finding(code));
        const verdict = {
          ...covered,
          host,
          status,
          findings,
          eventLogDigest,
          boot: { ...boot, resetCount, restartCount },
        };
        const isExcused = codes.length > 0 && codes.every((code) => /^(KERNEL_DIVERGED|LAYER_GOLDEN_NONE)$/.test(code));
        const fits = key === ek && host === 'hv-1' && resetCount === 7 && restartCount === 1;
        const isRefused = status === 'contraindicated' || status === 'none';
        const expected = fits && eventLogDigest === covered.eventLogDigest && isExcused && isRefused;
        assert.equal(findObstacle(statement, key, verdict) === undefined, expected);
        if (expected) covers += 1;
      }),
      { numRuns: 2000 },
    );
    assert.ok(covers > 50, `only ${covers} verdicts were covered: the property proves nothing`);
  });

  it('takes a host for no better than a warning where something else warns', () => {
    assert.equal(excusedStatus(statement, covered), 'affirming');
    assert.equal(excusedStatus({ ...statement, status: 'warning' }, covered), 'warning');
    const warned = { ...covered, findings: [...covered.findings, finding('BOOT_CLOCK_UNSAFE', 'warning')] };
    assert.equal(excusedStatus(statement, warned), 'warning');
  });
});
