import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findings as findingTable } from '../../../src/core/appraisal/index.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { findLastGood, isHoldable, isHoldableLoss } from '../../../src/server/lockout/last-good.ts';
import type { VerdictRecord } from '../../../src/server/storage/index.ts';

const start = Date.parse('2026-11-26T12:00:00Z');
const minute = 60_000;

interface Sketch {
  readonly status: Verdict['status'];
  readonly codes: readonly string[];
  readonly bootEpoch: NonNullable<Verdict['boot']>['epoch'] | undefined;
  readonly resetCount: number;
  readonly restartCount: number;
  readonly log: string | undefined;
  readonly epoch: number;
  readonly skips: boolean;
  readonly isVoided: boolean;
  /** Minutes from the verdict before. */
  readonly after: number;
}

const steady: Sketch = {
  status: 'affirming',
  codes: [],
  bootEpoch: 'same-boot',
  resetCount: 7,
  restartCount: 1,
  log: 'aa',
  epoch: 1,
  skips: false,
  isVoided: false,
  after: 5,
};
const flipped: Sketch = { ...steady, status: 'contraindicated', codes: ['KERNEL_DIVERGED'] };

/** Verdicts of ten minutes each, the newest first, from sketches in the order in which they came. */
function historyOf(sketches: readonly Sketch[]): readonly VerdictRecord[] {
  let [at, sequence] = [start, 0];
  const records = sketches.map((sketch) => {
    at += sketch.after * minute;
    sequence += sketch.skips ? 2 : 1;
    return recordOf(sketch, at, sequence);
  });
  return records.reverse();
}

function recordOf(sketch: Sketch, at: number, sequence: number): VerdictRecord {
  const { status, codes, bootEpoch, resetCount, restartCount, log, epoch, isVoided } = sketch;
  const verdict: Verdict = {
    host: 'hv-1',
    status,
    vector: {},
    findings: codes.map((code) => ({ code, severity: 'error', check: 'x', message: 'x', remedy: 'x' })),
    layers: {},
    ...(bootEpoch && { boot: { resetCount, restartCount, clockMs: '1', epoch: bootEpoch } }),
    evidenceDigest: '',
    ...(log && { eventLogDigest: log }),
    challengedAt: new Date(at).toISOString(),
    issuedAt: new Date(at).toISOString(),
    expiresAt: new Date(at + 10 * minute).toISOString(),
  };
  const voided = isVoided ? { at, code: 'X', message: 'x' } : undefined;
  return { hostId: 'hv-1', epoch, sequence, verdict, issuedAt: at, expiresAt: at + 10 * minute, voided };
}

const isHeld = (...sketches: Sketch[]) => findLastGood(historyOf(sketches)) !== undefined;

describe('the last good verdict', () => {
  it('is the one before an unchanged boot was refused, also several verdicts later', () => {
    assert.equal(findLastGood(historyOf([steady, flipped]))?.sequence, 1);
    assert.equal(findLastGood(historyOf([steady, { ...steady, status: 'warning' }, flipped, flipped]))?.sequence, 2);
    assert.equal(isHeld({ ...steady, bootEpoch: 'first' }, flipped), true);
    assert.equal(isHeld(steady, { ...flipped, after: 0 }), true, 'both of one moment');
  });

  const never: readonly (readonly [string, readonly Sketch[]])[] = [
    ['a host that is trusted', [steady]],
    ['a host that never was', [flipped, flipped]],
    ['nothing at all', []],
    ['another boot', [steady, { ...flipped, resetCount: 8 }]],
    ['a boot that was resumed', [steady, { ...flipped, restartCount: 2 }]],
    ['a boot that may be another', [steady, { ...flipped, bootEpoch: 'rebooted' }]],
    ['counters that went back', [steady, { ...flipped, bootEpoch: 'rolled-back' }]],
    ['a quote that did not verify', [steady, { ...flipped, bootEpoch: undefined }]],
    ['another boot log', [steady, { ...flipped, log: 'bb' }]],
    [
      'no boot log',
      [
        { ...steady, log: undefined },
        { ...flipped, log: undefined },
      ],
    ],
    ['another binding', [steady, { ...flipped, epoch: 2 }]],
    ['silence in between', [steady, { ...flipped, after: 10 }]],
    ['a clock that went back', [steady, { ...flipped, after: -1 }]],
    ['a verdict that is not there any more', [steady, { ...flipped, skips: true }]],
    ['a good verdict that was voided', [{ ...steady, isVoided: true }, flipped]],
    ['a refusal that was voided', [steady, { ...flipped, isVoided: true }]],
    ['a refusal in between that was voided', [steady, { ...flipped, isVoided: true }, flipped]],
    ['a compromise in between', [steady, { ...flipped, codes: ['DENIED_BY_LIST'] }, flipped]],
    ['a refusal without a reason', [steady, { ...flipped, codes: [] }]],
  ];
  for (const [title, sketches] of never) {
    it(`is none: ${title}`, () => assert.equal(isHeld(...sketches), false));
  }

  it('is none where nobody looks at what runs any more: it may be anything since, and the boot is the same', () => {
    const [refused, ...before] = historyOf([steady, { ...flipped, codes: ['LAYER_GOLDEN_NONE'] }]);
    assert.ok(refused);
    const held = (layer: string) => {
      const findings = refused.verdict.findings.map((finding) => ({ ...finding, layer }));
      return findLastGood([{ ...refused, verdict: { ...refused.verdict, findings } }, ...before]) !== undefined;
    };
    assert.deepEqual([held('kernel'), held('runtime')], [true, false]);
  });

  it('is none where any finding may mean a compromise: deny list, revocation, signature, clone, or one we do not know', () => {
    const harmless = Object.keys(findingTable).filter((code) => isHeld(steady, { ...flipped, codes: [code] }));
    assert.deepEqual(harmless.sort(), [
      'BOOT_LOADER_DIVERGED',
      'FACT_COMMAND_LINE_WORD_FORBIDDEN',
      'FACT_COMMAND_LINE_WORD_MISSING',
      'FACT_CONDITION_REFUSED',
      'FACT_REFUSED',
      'FIRMWARE_DIVERGED',
      'INITRD_DIVERGED',
      'KERNEL_COMMAND_LINE_DIVERGED',
      'KERNEL_DIVERGED',
      'LAYER_GOLDEN_BANK_MISSING',
      'LAYER_GOLDEN_NONE',
      'LAYER_GOLDEN_NOT_VALID',
      'SECURE_BOOT_DIVERGED',
    ]);
    for (const code of [
      'APPRAISAL_QUOTE_SIGNATURE',
      'SERVER_INTERNAL',
      'CHALLENGE_EXPIRED',
      'no such code',
      'constructor',
    ]) {
      assert.equal(isHeld(steady, { ...flipped, codes: ['KERNEL_DIVERGED', code] }), false, code);
    }
  });

  it('never gives a wrong yes, whatever the history: same boot, same log, nothing voided, no other finding, no silence', () => {
    const calm = fc.constantFrom(steady, flipped, { ...flipped, codes: ['LAYER_GOLDEN_NONE', 'INITRD_DIVERGED'] });
    let held = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: calm }, anySketch), { minLength: 1, maxLength: 6 }),
        (sketches) => {
          const history = historyOf(sketches);
          const good = findLastGood(history);
          if (good === undefined) return;
          held += 1;
          assertHoldable(history, good);
        },
      ),
      { numRuns: 3000 },
    );
    assert.ok(held > 50, `only ${held} histories were held: the property proves nothing`);
  });
});

/** Any verdict of a history: mostly of the same boot, by the same log. */
const anySketch = fc.record({
  status: fc.constantFrom('affirming' as const, 'warning' as const, 'contraindicated' as const, 'none' as const),
  codes: fc.uniqueArray(fc.constantFrom('KERNEL_DIVERGED', 'LAYER_GOLDEN_NONE', 'DENIED_BY_LIST', 'RUNTIME_DIVERGED'), {
    maxLength: 2,
  }),
  bootEpoch: fc.constantFrom(
    'same-boot' as const,
    'same-boot' as const,
    'same-boot' as const,
    'rebooted' as const,
    undefined,
  ),
  resetCount: fc.constantFrom(7, 7, 7, 7, 8),
  restartCount: fc.constantFrom(1, 1, 1, 1, 2),
  log: fc.constantFrom('aa', 'aa', 'aa', 'aa', 'bb', undefined),
  epoch: fc.constantFrom(1, 1, 1, 1, 2),
  skips: fc.constantFrom(false, false, false, false, true),
  isVoided: fc.constantFrom(false, false, false, false, true),
  after: fc.constantFrom(1, 5, 9, 10, 30),
});

/** From the newest verdict back to the good one, nothing tells of another boot, another log or another reason. */
function assertHoldable(history: readonly VerdictRecord[], good: VerdictRecord): void {
  const chain = history.slice(0, history.indexOf(good) + 1);
  assert.ok(['affirming', 'warning'].includes(good.verdict.status));
  assert.ok(chain.length > 1, 'what is good already is not held');
  for (const each of ['resetCount', 'restartCount'] as const) {
    assert.equal(new Set(chain.map(({ verdict }) => verdict.boot?.[each])).size, 1);
  }
  assert.equal(new Set(chain.map(({ verdict }) => verdict.eventLogDigest)).size, 1);
  assert.equal(new Set(chain.map(({ epoch }) => epoch)).size, 1);
  assert.ok(chain.every(({ voided }) => voided === undefined));
  const codes = chain.flatMap(({ verdict }) => verdict.findings.map(({ code }) => code));
  assert.ok(!codes.includes('DENIED_BY_LIST') && !chain.slice(0, -1).some(({ verdict }) => !isHoldable(verdict)));
  chain.slice(1).forEach((earlier, index) => assert.ok(chain[index]!.issuedAt < earlier.expiresAt));
}

describe('what may be held', () => {
  const verdictOf = (sketch: Sketch): Verdict => recordOf(sketch, start, 1).verdict;
  const good: Verdict = { ...verdictOf(steady), layers: { kernel: 'golden-1' } };
  const isLossHeld = (before: Verdict, after: Verdict, revoked: readonly string[] = []) =>
    isHoldableLoss(before, after, new Set(revoked));

  it('is a refusal of an unchanged boot for what operators say alone', () => {
    assert.equal(isHoldable(verdictOf(flipped)), true);
    for (const other of [
      steady,
      { ...flipped, status: 'warning' as const },
      { ...flipped, codes: [] },
      { ...flipped, bootEpoch: 'rebooted' as const },
      { ...flipped, bootEpoch: 'first' as const },
      { ...flipped, bootEpoch: undefined },
    ]) {
      assert.equal(isHoldable(verdictOf(other)), false, JSON.stringify(other));
    }
  });

  it('is of a change that nobody made yet what trust without a fault would lose by it', () => {
    assert.equal(isLossHeld(good, verdictOf(flipped)), true);
    assert.equal(isLossHeld(good, verdictOf(flipped), ['golden-2']), true);
    assert.equal(isLossHeld(good, good), false, 'nothing is lost');
    assert.equal(isLossHeld(good, verdictOf({ ...flipped, codes: ['DENIED_BY_LIST'] })), false);
    assert.equal(isLossHeld(verdictOf(flipped), verdictOf(flipped)), false, 'it was not trusted');
    assert.equal(isLossHeld(verdictOf({ ...steady, codes: ['KERNEL_DIVERGED'] }), verdictOf(flipped)), false);
  });

  it('is never what rests on a golden measurement that the change revokes, be it one of several', () => {
    const two: Verdict = { ...good, layers: { kernel: 'golden-1', initrd: 'golden-2' } };
    for (const revoked of [['golden-1'], ['golden-2'], ['golden-2', 'golden-3']]) {
      assert.equal(isLossHeld(two, verdictOf(flipped), revoked), false, String(revoked));
    }
  });
});
