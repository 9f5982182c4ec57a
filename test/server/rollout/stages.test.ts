import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ApprovedGolden } from '../../../src/core/golden/index.ts';
import { closedTo, goldensFor, goldensForAll, isOpenTo, wasReachedLast } from '../../../src/server/rollout/stages.ts';
import type { RolloutRecord, RolloutState } from '../../../src/server/storage/index.ts';

const rollout = (more: Partial<RolloutRecord> = {}): RolloutRecord => ({
  name: 'kernel',
  goldens: ['new'],
  predecessors: [],
  stages: [
    { labels: { canary: 'yes' }, minimumHosts: 1, minimumSeconds: 0 },
    { share: 10, minimumHosts: 1, minimumSeconds: 0 },
    { share: 40, minimumHosts: 1, minimumSeconds: 0 },
  ],
  advance: 'operator',
  state: 'running',
  stage: 0,
  stageOpenedAt: 0,
  createdAt: 0,
  endedAt: undefined,
  endReason: undefined,
  ...more,
});

const fleet = Array.from({ length: 2000 }, (_, index) => ({ hostId: `hv-${index}`, labels: {} }));
const openIn = (record: RolloutRecord) => fleet.filter((host) => isOpenTo(record, host)).map(({ hostId }) => hostId);
const goldens = ['new', 'old'].map((id) => ({ id }) as unknown as ApprovedGolden);

describe('stages of a rollout', () => {
  it('open to hosts with all the labels, and to nobody else', () => {
    assert.equal(isOpenTo(rollout(), { hostId: 'hv-1', labels: { canary: 'yes', rack: '3' } }), true);
    assert.equal(isOpenTo(rollout(), { hostId: 'hv-1', labels: { canary: 'no' } }), false);
    assert.deepEqual(openIn(rollout()), []);
  });

  it('open to about their share of the hosts, and keep whom they have as they widen', () => {
    const [tenth, more] = [openIn(rollout({ stage: 1 })), openIn(rollout({ stage: 2 }))];
    assert.ok(Math.abs(tenth.length - 200) < 50 && Math.abs(more.length - 800) < 100, `${tenth.length} ${more.length}`);
    assert.ok(tenth.every((host) => more.includes(host)));
    assert.equal(isOpenTo(rollout({ stage: 2 }), { hostId: 'x', labels: { canary: 'yes' } }), true);
  });

  it('tell whom the last step reached: each host once, by the one that did (property)', () => {
    const steps = [0, 1, 2].map((stage) => rollout({ stage })).concat(rollout({ stage: 2, state: 'widened' }));
    const canary = { hostId: 'x', labels: { canary: 'yes' } };
    for (const host of [...fleet.slice(0, 500), canary]) {
      const by = steps.filter((step) => wasReachedLast(step, host));
      assert.equal(by.length, 1, host.hostId);
      assert.equal(
        by[0],
        steps.find((step) => isOpenTo(step, host)),
      );
      assert.equal(wasReachedLast(rollout({ stage: 2, state: 'completed' }), host), false);
    }
  });

  it('choose the same hosts whenever they are asked, and others in another rollout', () => {
    assert.deepEqual(openIn(rollout({ stage: 1 })), openIn(rollout({ stage: 1 })));
    assert.notDeepEqual(openIn(rollout({ stage: 1 })), openIn(rollout({ stage: 1, name: 'shim' })));
  });

  it('never close again by widening (property)', () => {
    const states = fc.constantFrom<RolloutState>('running', 'widened', 'completed');
    fc.assert(
      fc.property(fc.nat(1999), fc.nat(2), states, (index, stage, state) => {
        const host = fleet[index] ?? { hostId: '', labels: {} };
        const wasOpen = isOpenTo(rollout({ stage: Math.max(0, stage - 1) }), host);
        assert.ok(!wasOpen || isOpenTo(rollout({ stage, state }), host));
      }),
    );
  });

  it('keep from a host what is not open to it, and leave the rest alone', () => {
    const [host] = fleet;
    assert.ok(host !== undefined);
    const ids = (rollouts: readonly RolloutRecord[]) => goldensFor({ goldens, rollouts }, host).map(({ id }) => id);
    assert.deepEqual(ids([]), ['new', 'old']);
    assert.deepEqual(ids([rollout()]), ['old']);
    assert.deepEqual(ids([rollout({ state: 'rolled-back' })]), ['old']);
    assert.deepEqual(ids([rollout({ state: 'widened' })]), ['new', 'old']);
    assert.deepEqual(ids([rollout({ state: 'rolled-back' }), rollout({ state: 'completed' })]), ['new', 'old']);
    assert.deepEqual([...closedTo([rollout({ state: 'completed' }), rollout({ stage: 0 })], host)], ['new']);
  });

  it('are in force for all only when every host has them', () => {
    const ids = (state: RolloutState) => goldensForAll({ goldens, rollouts: [rollout({ state })] }).map(({ id }) => id);
    assert.deepEqual([ids('running'), ids('widened'), ids('rolled-back')], [['old'], ['new', 'old'], ['old']]);
  });
});
