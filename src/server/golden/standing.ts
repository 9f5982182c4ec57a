// How a golden measurement that is not in force came to be so: the same words wherever operators meet it.
import { nameActor } from '../../core/encoding/index.ts';
import type { GoldenStatement } from '../../core/golden/index.ts';
import { readActorNames } from '../auth/actor-names.ts';
import { keeperOf } from '../rollout/stages.ts';
import type { GoldenHead, GoldenRecord, RolloutRecord, Store } from '../storage/index.ts';

/** What boots do not match, in the words of `golden list`. The worst comes first. */
export const outOfForceStates = [
  'revoked',
  'rolled-back',
  'retired',
  'expired',
  'staged',
  'not-yet',
  'proposed',
] as const;

export type OutOfForce = (typeof outOfForceStates)[number];

export interface GoldenStanding {
  readonly id: string;
  readonly state: OutOfForce;
  /** Milliseconds: when it came to be so; of `not-yet`, when that will end. */
  readonly at?: number | undefined;
  /** The actor who ended it. */
  readonly by?: string | undefined;
  /** What that one is called, where it is a token. */
  readonly byName?: string | undefined;
  readonly reason?: string | undefined;
  readonly cve?: string | undefined;
  /** The rollout that keeps it back. */
  readonly rollout?: string | undefined;
}

export interface StandingTerms {
  readonly rollouts: readonly RolloutRecord[];
  readonly at: Date;
  /** Whether enough of today's signers have signed it. */
  readonly isApproved: boolean;
  /** Whether a rollout keeps it from whoever is asked about. */
  readonly isClosed: boolean;
}

/** Undefined for one that is in force. */
export function standingOf(
  record: GoldenRecord,
  statement: Pick<GoldenStatement, 'notBefore' | 'notAfter'>,
  { rollouts, at, isApproved, isClosed }: StandingTerms,
): GoldenStanding | undefined {
  const { id, state } = record;
  if (state === 'retired' || state === 'revoked') return endedBy(record, state);
  if (!isApproved) return { id, state: 'proposed', at: record.proposedAt };
  const { notBefore, notAfter } = statement;
  if (notAfter !== undefined && notAfter <= at) return { id, state: 'expired', at: notAfter.getTime() };
  const keeper = keeperOf(rollouts, id);
  if (isClosed && keeper !== undefined) return keptBack(id, keeper);
  return notBefore !== undefined && notBefore > at ? { id, state: 'not-yet', at: notBefore.getTime() } : undefined;
}

/** By an operator, for ever. */
export function endedBy({ id, endedAt, ...record }: GoldenHead, state: 'retired' | 'revoked'): GoldenStanding {
  return { id, state, at: endedAt, by: record.endedBy, reason: record.endReason, cve: record.cve };
}

/** By the rollout that decides about it. */
export function keptBack(
  id: string,
  { name, state, endedAt, endReason, stageOpenedAt }: RolloutRecord,
): GoldenStanding {
  if (state === 'running') return { id, state: 'staged', at: stageOpenedAt, rollout: name };
  return { id, state: 'rolled-back', at: endedAt, reason: endReason, rollout: name };
}

/** Each with the name of who ended it. */
export async function nameEnders<Ended extends { readonly standing: GoldenStanding }>(
  store: Pick<Store, 'findToken'>,
  ended: readonly Ended[],
): Promise<readonly Ended[]> {
  const names = await readActorNames(
    store,
    ended.map(({ standing }) => standing.by),
  );
  return ended.map((one) => {
    const { by } = one.standing;
    return { ...one, standing: { ...one.standing, byName: by && names.get(by) } };
  });
}

/** What follows "golden measurement ID": `was revoked at 2026-… by ada (token tok_…) because …`. */
export function describeStanding({ state, at, by, byName, reason, cve, rollout = '' }: GoldenStanding): string {
  const time = at === undefined ? '' : new Date(at).toISOString();
  const who = by === undefined ? '' : ` by ${nameActor(by, byName)}`;
  const because = `${reason === undefined ? '' : ` because ${reason}`}${cve === undefined ? '' : ` (${cve})`}`;
  switch (state) {
    case 'revoked':
    case 'retired':
      return `was ${state} at ${time}${who}${because}`;
    case 'rolled-back':
      return `was rolled back with rollout ${rollout} at ${time}${because}`;
    case 'expired':
      return `ended at ${time}`;
    case 'staged':
      return `is kept from this host by rollout ${rollout}`;
    case 'not-yet':
      return `begins at ${time}`;
    case 'proposed':
      return 'waits for signatures';
  }
}
