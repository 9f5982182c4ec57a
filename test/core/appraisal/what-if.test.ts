import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  appraise,
  changeOfTwin,
  compareVerdicts,
  groupChanges,
  reasonOf,
  type FleetChange,
} from '../../../src/core/appraisal/index.ts';
import type { ApprovedGolden } from '../../../src/core/golden/index.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { approve } from '../golden/material.ts';
import { bootLayers, labEvidence, labGoldens, labKey, labPolicy, labTrust } from './lab.ts';

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
    const twin = changeOfTwin(first, 'hv-01');
    assert.equal(twin.reason, first.reason);
    assert.match(reasonOf(first)?.remedy ?? '', /golden capture hv-00 --layers kernel/);
    assert.match(reasonOf(twin)?.remedy ?? '', /golden capture hv-01 --layers kernel/);
    assert.deepEqual(reasonOf(twin), reasonOf(second));
    assert.deepEqual({ ...twin, reason: second.reason, saidOf: 'hv-01' }, second);
    assert.deepEqual(groupChanges([twin]), groupChanges([second]));
  });

  it('names a host that is in the group, whichever of those that booted alike was looked at first', () => {
    const rest = good.filter(({ statement }) => statement.layer !== 'kernel');
    const [, second] = changesOf(good, rest);
    assert.ok(second !== undefined);
    const [group] = groupChanges([second, changeOfTwin(second, 'hv-00')]);
    assert.deepEqual(group?.hosts, ['hv-00', 'hv-01']);
    assert.match(group.reason?.remedy ?? '', /golden capture hv-00 --layers kernel/);
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

  it('says what denies a host, and no warning that it had before', () => {
    const withoutKernel = good.filter(({ statement }) => statement.layer !== 'kernel');
    const [before, after] = [good, withoutKernel].map((goldens) =>
      appraise(labEvidence('sb-on'), labTrust('sb-on', goldens, { endorsement: 'unverified' }), policy, at),
    );
    assert.ok(before !== undefined && after !== undefined);
    assert.equal(before.status, 'warning');
    assert.ok(after.findings.some(({ code }) => code === 'ENDORSEMENT_UNVERIFIED'));
    const { kind, reason, ended } = compareVerdicts(before, after, new Set(good.map(({ id }) => id)));
    assert.deepEqual([kind, reason?.code, ended.length], ['still-refused', 'LAYER_GOLDEN_NONE', 1]);
    assert.equal(compareVerdicts(before, before).reason?.code, 'ENDORSEMENT_UNVERIFIED');
  });

  it('rejects when there is nothing to compare: no hosts give no groups, two hosts are no change of one', () => {
    assert.deepEqual(groupChanges([]), []);
    const [one, two] = appraiseFleet(good);
    assert.ok(one !== undefined && two !== undefined);
    assert.throws(() => compareVerdicts(one, two), TypeError);
  });

  describe('says what ended, where that alone is the reason', () => {
    const isKernel = ({ statement }: ApprovedGolden): boolean => statement.layer === 'kernel';
    const isLine = ({ statement }: ApprovedGolden): boolean => statement.layer === 'kernel-command-line';
    const kernel = good.find(isKernel);
    assert.ok(kernel !== undefined);
    const ending = new Set([kernel.id]);
    const both = [...good, ...cloud];
    const rest = both.filter(({ id }) => id !== kernel.id);
    const verdictOf = (goldens: readonly ApprovedGolden[], more = {}, run = 'sb-on', id = 'hv-1'): Verdict =>
      appraise(
        labEvidence(run),
        labTrust(run, goldens, { host: { id, attestationKey: labKey() } }),
        labPolicy(more),
        at,
      );
    const another = (golden: ApprovedGolden): ApprovedGolden => approve({ ...golden.statement, description: 'again' });

    it('of hosts that rested on it, and not of one with the same finding that never did', () => {
      const withoutKernel = { layers: bootLayers.filter((layer) => layer !== 'kernel') };
      const rested = compareVerdicts(verdictOf(both), verdictOf(rest), ending);
      const restedToo = changeOfTwin(rested, 'hv-3');
      const never = compareVerdicts(verdictOf(both, withoutKernel, 'sb-on', 'hv-2'), verdictOf(rest, {}, 'sb-on', 'hv-2'), ending); // prettier-ignore
      assert.deepEqual([rested.kind, never.kind], ['lost', 'lost']);
      assert.equal(rested.reason?.message, never.reason?.message);
      assert.deepEqual(
        groupChanges([never, restedToo, rested]).map(({ hosts, ended, reason }) => [hosts, ended, reason?.code]),
        [
          [['hv-1', 'hv-3'], [kernel.id], 'KERNEL_DIVERGED'],
          [['hv-2'], [], 'KERNEL_DIVERGED'],
        ],
      );
    });

    it('of hosts that were refused before, each by what they rested on', () => {
      const changes = ['cfg-tampered', 'kernel-cloud'].map((run) =>
        compareVerdicts(
          verdictOf(good, {}, run),
          verdictOf(
            good.filter((each) => !isKernel(each)),
            {},
            run,
          ),
          ending,
        ),
      );
      assert.deepEqual(
        changes.map(({ kind, reason, ended }) => [kind, reason?.code, ended]),
        [
          ['still-refused', 'LAYER_GOLDEN_NONE', [kernel.id]],
          ['still-refused', 'LAYER_GOLDEN_NONE', []],
        ],
      );
    });

    it('not where another one matches too: nobody is lost, or for something else', () => {
      const before = verdictOf(good);
      const stays = compareVerdicts(before, verdictOf([...rest, another(kernel)]), ending);
      assert.deepEqual([stays.kind, stays.ended], ['still-trusted', []]);
      const line = good.find(isLine);
      assert.ok(line !== undefined);
      const kept = [...good.filter((each) => !isLine(each)), another(line)];
      const forbidding = { requireFacts: { kernelCommandLine: { require: ['lockdown=confidentiality'] } } };
      const fact = compareVerdicts(before, verdictOf(kept, forbidding), new Set([line.id]));
      assert.equal(fact.kind, 'lost');
      assert.deepEqual([fact.reason?.check, fact.ended], ['facts', []]);
    });

    it('not where the host is the reason, or where the change ends nothing that it rested on', () => {
      const changed = compareVerdicts(verdictOf(good), verdictOf(good, {}, 'kernel-cloud'), new Set(cloud.map(({ id }) => id))); // prettier-ignore
      assert.deepEqual([changed.kind, changed.reason?.code, changed.ended], ['lost', 'KERNEL_DIVERGED', []]);
      assert.deepEqual(compareVerdicts(verdictOf(both), verdictOf(rest)).ended, []);
      const gains = compareVerdicts(verdictOf(rest), verdictOf(both), ending);
      assert.deepEqual([gains.kind, gains.ended], ['gained', []]);
    });

    it('names each of several that approved what ran', () => {
      const verdict = verdictOf(good);
      const ran = { ...verdict, layers: { ...verdict.layers, runtime: 'a' }, furtherGoldens: ['c', 'b'] };
      const finding = { code: 'RUNTIME_FILE_REFUSED', severity: 'error', check: 'runtime', layer: 'runtime', message: '', remedy: '' } as const; // prettier-ignore
      const refused: Verdict = { ...verdict, status: 'none', findings: [finding] };
      assert.deepEqual(compareVerdicts(ran, refused, new Set(['b', 'c'])).ended, ['b', 'c']);
    });
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
