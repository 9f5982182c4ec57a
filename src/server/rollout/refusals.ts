// Why hosts of a stage are refused, and whether the rollout has to do with it. Never a reason to pass.
import type { Finding } from '../../core/verdict/index.ts';
import type { VerdictRecord } from '../storage/index.ts';

export interface Refusal {
  /** Of the finding; of a verdict that names none, its status. */
  readonly code: string;
  readonly layer: string | undefined;
  /** Nothing in force matches the layer, and the rollout brings a golden measurement of it. */
  readonly isOfRollout: boolean;
  /** So says a verdict from before the stage was opened: the next attestation decides. */
  readonly isBefore: boolean;
}

/** Hosts that are refused for the same. */
export interface RefusalGroup extends Refusal {
  /** Ascending. */
  readonly hosts: readonly string[];
}

export interface RefusalTerms {
  /** Those that the rollout has golden measurements of. */
  readonly layers: readonly string[];
  /** Milliseconds. */
  readonly stageOpenedAt: number;
}

/** A host that is refused for several things is told by what the rollout has to do with: that does not go away when the rest is repaired. */
export function refusalOf(
  { verdict: { findings, status }, issuedAt }: Pick<VerdictRecord, 'verdict' | 'issuedAt'>,
  { layers, stageOpenedAt }: RefusalTerms,
): Refusal {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const own = errors.find((finding) => isIn(layers, finding));
  const told = own ?? errors[0] ?? findings.find(({ severity }) => severity === 'warning');
  const isOfRollout = own !== undefined;
  return {
    code: told?.code ?? status,
    layer: told?.layer,
    isOfRollout,
    isBefore: isOfRollout && issuedAt <= stageOpenedAt,
  };
}

/** Facts and deny lists speak of layers too, and say nothing of golden measurements. */
function isIn(layers: readonly string[], { check, layer }: Finding): boolean {
  return (check === 'layers' || check === 'runtime') && layer !== undefined && layers.includes(layer);
}

/** Those of the rollout first, then large groups first. */
export function groupRefusals(refused: ReadonlyMap<string, Refusal>): readonly RefusalGroup[] {
  const groups = new Map<string, { readonly refusal: Refusal; readonly hosts: string[] }>();
  for (const [host, refusal] of refused) {
    const key = JSON.stringify([refusal.code, refusal.layer, refusal.isOfRollout, refusal.isBefore]);
    const group = groups.get(key) ?? { refusal, hosts: [] };
    group.hosts.push(host);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ refusal, hosts }) => ({ ...refusal, hosts: hosts.sort() }))
    .sort(
      (left, right) => Number(right.isOfRollout) - Number(left.isOfRollout) || right.hosts.length - left.hosts.length,
    );
}
