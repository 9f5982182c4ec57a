import assert from 'node:assert/strict';
import { describeStanding, standingOf, type StandingTerms } from '../../../src/server/golden/standing.ts';
import type { GoldenRecord, RolloutRecord, RolloutState } from '../../../src/server/storage/index.ts';

const at = new Date('2026-11-26T12:00:00Z');
const minutes = (count: number): Date => new Date(at.getTime() + count * 60_000);

const golden = (more: Partial<GoldenRecord> = {}): GoldenRecord => ({
  id: 'new',
  layer: 'kernel',
  name: 'new',
  state: 'active',
  payload: new Uint8Array(),
  signatures: [],
  proposedAt: minutes(-9).getTime(),
  activatedAt: minutes(-8).getTime(),
  endedAt: undefined,
  endReason: undefined,
  cve: undefined,
  endedBy: undefined,
  ...more,
});
const ended = { endedAt: minutes(-1).getTime(), endedBy: 'token ada', endReason: 'it is flawed', cve: 'CVE-2026-1' };

const rollout = (state: RolloutState): RolloutRecord => ({
  name: 'kernel-57',
  goldens: ['new'],
  predecessors: [],
  stages: [{ minimumHosts: 1, minimumSeconds: 0 }],
  advance: 'operator',
  state,
  stage: 0,
  stageOpenedAt: minutes(-5).getTime(),
  createdAt: minutes(-5).getTime(),
  endedAt: state === 'rolled-back' ? minutes(-2).getTime() : undefined,
  endReason: state === 'rolled-back' ? 'disks are lost' : undefined,
});

describe('the standing of a golden measurement', () => {
  const terms: StandingTerms = { rollouts: [], at, isApproved: true, isClosed: false };
  const say = (
    record: GoldenRecord,
    validity: { readonly notBefore?: Date; readonly notAfter?: Date } = {},
    more: Partial<StandingTerms> = {},
  ): string | undefined => {
    const standing = standingOf(record, validity, { ...terms, ...more });
    return standing && `${standing.state}: ${describeStanding(standing)}`;
  };

  it('is none of one that is in force', () => {
    assert.equal(say(golden()), undefined);
    assert.equal(say(golden(), { notBefore: at, notAfter: minutes(1) }), undefined);
    assert.equal(say(golden(), {}, { rollouts: [rollout('running')], isClosed: false }), undefined);
    assert.equal(say(golden(), {}, { rollouts: [rollout('completed')], isClosed: true }), undefined);
  });

  it('is the word of an operator before all else', () => {
    const worst = { isApproved: false, isClosed: true, rollouts: [rollout('rolled-back')] };
    for (const state of ['revoked', 'retired'] as const) {
      assert.equal(
        say(golden({ state, ...ended }), { notAfter: minutes(-3), notBefore: minutes(3) }, worst),
        `${state}: was ${state} at 2026-11-26T11:59:00.000Z by token ada because it is flawed (CVE-2026-1)`,
      );
    }
  });

  it('is that it waits for signatures where those of today are too few, whatever is stored', () => {
    assert.equal(say(golden(), { notAfter: minutes(-3) }, { isApproved: false }), 'proposed: waits for signatures');
  });

  it('is its time: from the moment it ends, and until the moment it begins', () => {
    assert.equal(say(golden(), { notAfter: at }), 'expired: ended at 2026-11-26T12:00:00.000Z');
    assert.equal(say(golden(), { notBefore: minutes(1) }), 'not-yet: begins at 2026-11-26T12:01:00.000Z');
  });

  it('is the rollout that keeps it back, or took it back', () => {
    const closed = (state: RolloutState) => say(golden(), {}, { rollouts: [rollout(state)], isClosed: true });
    assert.equal(closed('running'), 'staged: is kept from this host by rollout kernel-57');
    assert.equal(
      closed('rolled-back'),
      'rolled-back: was rolled back with rollout kernel-57 at 2026-11-26T11:58:00.000Z because disks are lost',
    );
  });
});
