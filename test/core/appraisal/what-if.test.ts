import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  appraise,
  changeOfTwin,
  compareVerdicts,
  groupChanges,
  type FleetChange,
} from '../../../src/core/appraisal/index.ts';
import type { ApprovedGolden } from '../../../src/core/golden/index.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { labEvidence, labGoldens, labKey, labPolicy, labTrust } from './lab.ts';

const at = new Date('2026-11-25T12:00:00Z');
const policy = labPolicy();
const good = labGoldens('sb-on');
const cloud = labGoldens('kernel-cloud');

/** Twelve hosts: six of one kernel, four of another, two tampered. */
const fleet = [
  ...Array<string>(6).fill('sb-on'),
  ...Array<string>(4).fill('kernel-cloud'),
  'cfg-tampered',
  'cfg-tampered',
];

function appraiseFleet(goldens: readonly ApprovedGolden[]): readonly Verdict[] {
  return fleet.map((run, index) => {
    const host = { id: `hv-${String(index).padStart(2, '0')}`, attestationKey: labKey() };
    return appraise(labEvidence(run), labTrust(run, goldens, { host }), policy, at);
  });
}

function changesOf(before: readonly ApprovedGolden[], after: readonly ApprovedGolden[]): readonly FleetChange[] {
  const later = appraiseFleet(after);
  return appraiseFleet(before).map((verdict, index) => compareVerdicts(verdict, later[index] ?? verdict));
}

describe('what-if', () => {
  it('says of a host that booted alike the same as of the first, with remedies that name it', () => {
    const [first, second] = changesOf(
      good,
      good.filter(({ statement }) => statement.layer !== 'kernel'),
    );
    assert.ok(first !== undefined && second !== undefined && first.kind === 'lost');
    assert.match(first.reasons[0]?.remedy ?? '', /golden capture hv-00 --layers kernel/);
    assert.deepEqual(changeOfTwin(first, 'hv-01'), second);
  });

  it('says who gains by a further golden measurement', () => {
    const groups = groupChanges(changesOf(good, [...good, ...cloud]));
    assert.deepEqual(
      groups.map(({ kind, count, reason }) => [kind, count, reason?.code]),
      [
        ['gained', 4, 'KERNEL_DIVERGED'],
        ['still-refused', 2, 'KERNEL_COMMAND_LINE_DIVERGED'],
        ['still-trusted', 6, undefined],
      ],
    );
    assert.deepEqual(groups[0]?.hosts, ['hv-06', 'hv-07', 'hv-08', 'hv-09']);
  });

  it('says who loses by a retirement, losses first, with the reason after the change', () => {
    const withoutKernel = good.filter(({ statement }) => statement.layer !== 'kernel');
    const [lost] = groupChanges(changesOf(good, withoutKernel));
    assert.equal(lost?.kind, 'lost');
    assert.equal(lost.count, 6);
    assert.equal(lost.reason?.code, 'LAYER_GOLDEN_NONE');
  });

  it('rejects when there is nothing to compare: no hosts give no groups, two hosts are no change of one', () => {
    assert.deepEqual(groupChanges([]), []);
    const [one, two] = appraiseFleet(good);
    assert.ok(one !== undefined && two !== undefined);
    assert.throws(() => compareVerdicts(one, two), TypeError);
  });

  it('does not depend on the order of the hosts', () => {
    const changes = changesOf(good, cloud);
    const answer = JSON.stringify(groupChanges(changes));
    fc.assert(
      fc.property(fc.shuffledSubarray([...changes], { minLength: changes.length }), (shuffled) => {
        assert.equal(JSON.stringify(groupChanges(shuffled)), answer);
      }),
      { numRuns: 30 },
    );
  });
});
