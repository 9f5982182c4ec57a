// Which hosts a golden measurement under rollout is in force for. Anything that is not clearly open is closed.
import { hashText } from '../../core/crypto/index.ts';
import type { ApprovedGolden } from '../../core/golden/index.ts';
import type { HostRecord, RolloutRecord, RolloutStage } from '../storage/index.ts';

type Selectable = Pick<HostRecord, 'hostId' | 'labels'>;

export interface StagedTrust {
  readonly goldens: readonly ApprovedGolden[];
  /** In the order in which they were opened. */
  readonly rollouts: readonly RolloutRecord[];
}

/** What is in force for this host: everything, but for what a rollout keeps from it. */
export function goldensFor({ goldens, rollouts }: StagedTrust, host: Selectable): readonly ApprovedGolden[] {
  const closed = closedTo(rollouts, host);
  return closed.size === 0 ? goldens : goldens.filter(({ id }) => !closed.has(id));
}

/** What is in force whichever host asks. */
export function goldensForAll({ goldens, rollouts }: StagedTrust): readonly ApprovedGolden[] {
  return goldens.filter(({ id }) => keeperOf(rollouts, id) === undefined);
}

/** The rollout that keeps a golden measurement from some hosts, or from all. Of several, the last one decides. */
export function keeperOf(rollouts: readonly RolloutRecord[], id: string): RolloutRecord | undefined {
  const last = rollouts.findLast((rollout) => rollout.goldens.includes(id));
  return last === undefined || isForAll(last) ? undefined : last;
}

/** Golden measurements that are not in force for this host. Of several rollouts of one, the last one decides. */
export function closedTo(rollouts: readonly RolloutRecord[], host: Selectable): ReadonlySet<string> {
  const closed = new Set<string>();
  for (const rollout of rollouts) {
    const isOpen = isOpenTo(rollout, host);
    for (const id of rollout.goldens) {
      if (isOpen) closed.delete(id);
      else closed.add(id);
    }
  }
  return closed;
}

export function isOpenTo(rollout: RolloutRecord, host: Selectable): boolean {
  return (isForAll(rollout) || rollout.state === 'running') && hasReached(rollout, host);
}

/** Whether it is, or was until the rollout was taken back. */
export function hasReached(rollout: RolloutRecord, host: Selectable): boolean {
  if (isForAll(rollout)) return true;
  return rollout.stages.slice(0, rollout.stage + 1).some((stage) => isInStage(rollout.name, stage, host));
}

/** Whether the last step of the rollout was the one that did. */
export function wasReachedLast(rollout: RolloutRecord, host: Selectable): boolean {
  if (rollout.state === 'completed') return false;
  const before = isForAll(rollout)
    ? { ...rollout, state: 'running' as const }
    : { ...rollout, stage: rollout.stage - 1 };
  return hasReached(rollout, host) && !hasReached(before, host);
}

function isForAll({ state }: RolloutRecord): boolean {
  return state === 'widened' || state === 'completed';
}

function isInStage(name: string, { labels = {}, share = 100 }: RolloutStage, { hostId, labels: own }: Selectable) {
  return Object.entries(labels).every(([label, value]) => own[label] === value) && positionOf(name, hostId) < share;
}

/** From 0 up to 100: the same for ever, and another for each rollout, so that not the same hosts always go first. */
function positionOf(name: string, hostId: string): number {
  const digest = hashText('sha256', `touchstone rollout\n${name}\n${hostId}`);
  return (new DataView(digest.buffer, digest.byteOffset).getUint32(0) / 2 ** 32) * 100;
}
