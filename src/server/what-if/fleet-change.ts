// Every host of the fleet under the trust in force and under a draft, from stored evidence. Nothing is changed by it.
import {
  changeOfTwin,
  compareVerdicts,
  type AppraisalPolicy,
  type FleetChange,
  type Trust,
} from '../../core/appraisal/index.ts';
import type { EndorsementRoots } from '../../core/endorsement/index.ts';
import { goldensOf, type Verdict } from '../../core/verdict/index.ts';
import type { WalkContext } from '../fleet/walks.ts';
import { selectPolicy } from '../trust/select-policy.ts';
import { isHoldableLoss } from '../lockout/last-good.ts';
import { visitMemory, type ServerMemory } from '../memory.ts';
import { closedTo } from '../rollout/stages.ts';
import type { FleetRecord } from '../storage/index.ts';
import { policyName, type DraftTrust } from './draft.ts';
import type { Endings } from './endings.ts';
import {
  appraiseStored,
  classOf,
  createSubject,
  readEvidence,
  trustOf,
  type ReadEvidence,
  type Subject,
} from './stored-evidence.ts';

export interface Comparison {
  readonly before: DraftTrust;
  readonly after: DraftTrust;
  /** What the change ends. */
  readonly endings: Endings;
  /** Who may vouch for machines, before and after. */
  readonly roots: EndorsementRoots;
  /** When the trust in force is asked: now, unless the moment of the change is an earlier one. */
  readonly from: Date;
  /** When the change is asked. */
  readonly at: Date;
}

/** What the change does to one host, and what lockout protection would make of it. */
export interface HostChange extends FleetChange {
  /** The host loses trust, by the operators' own doing alone: what was believed of it may be held. */
  readonly isHoldable: boolean;
}

/** Nothing can be said of the host: why. */
export interface UnknownHost {
  readonly host: string;
  readonly code: 'HOST_EVIDENCE_NONE' | 'HOST_UNREADABLE' | 'BOOT_ROLLED_BACK' | 'SERVER_INTERNAL';
}

/** A function that says what the change does to one host after another. Hosts that booted alike, and fall under the same
 * policies, are appraised once: see `readBootClass`. */
export function createFleetComparison(
  context: WalkContext,
  comparison: Comparison,
): (record: FleetRecord) => Promise<HostChange | UnknownHost> {
  const known = new Map<string, HostChange>();
  const memory = visitMemory(context.memory);
  const ending = new Set(comparison.endings.keys());
  const revoked = new Set([...comparison.endings].filter(([, { end }]) => end === 'revoked').map(([id]) => id));
  return async ({ host, evidence }) => {
    const { hostId } = host;
    if (evidence === undefined) return { host: hostId, code: 'HOST_EVIDENCE_NONE' };
    // The TPM went back in time: whatever its log says, the host stays refused until somebody looks.
    if (evidence.bootEpoch === 'rolled-back') return { host: hostId, code: 'BOOT_ROLLED_BACK' };
    try {
      const rules = [comparison.before.denied, comparison.after.denied];
      const subject = createSubject(context, { host, evidence }, { ...comparison, rules, memory });
      const policies = {
        before: selectPolicy(comparison.before.policies, host)?.policy,
        after: selectPolicy(comparison.after.policies, host)?.policy,
      };
      const closed = [comparison.before, comparison.after].map(({ rollouts }) => [...closedTo(rollouts, host)].sort());
      const bootClass = classOf(subject, [policyName(policies.before), policyName(policies.after), closed], memory);
      const shared = bootClass === undefined ? undefined : known.get(bootClass);
      if (shared !== undefined) return changeOfTwin(shared, hostId);
      const read = await readEvidence(context, subject);
      const change = await compareHost(read, { ...comparison, subject, policies, ending, revoked, memory });
      // Newer evidence is of another class, perhaps.
      if (bootClass !== undefined && !read.isNewer) known.set(bootClass, change);
      return change;
    } catch (error) {
      context.log.error({ err: error, host: hostId }, 'a host could not be appraised under a draft');
      return { host: hostId, code: 'SERVER_INTERNAL' };
    }
  };
}

interface PolicyPair {
  readonly before: AppraisalPolicy | undefined;
  readonly after: AppraisalPolicy | undefined;
}

interface HostComparison extends Comparison {
  readonly subject: Subject;
  readonly policies: PolicyPair;
  /** Ids of the golden measurements that the change ends, and of those among them that it revokes. */
  readonly ending: ReadonlySet<string>;
  readonly revoked: ReadonlySet<string>;
  readonly memory: ServerMemory;
}

async function compareHost(
  { evidence, qualifyingData }: ReadEvidence,
  { before, after, ending, revoked, from, at, subject, policies, memory }: HostComparison,
): Promise<HostChange> {
  const trustIn = (draft: DraftTrust): Trust => trustOf(subject, qualifyingData, draft);
  const standing = await appraiseStored(evidence, trustIn(before), policies.before, from, memory);
  const isSamePolicy = policyName(policies.before) === policyName(policies.after);
  const isSameDenial = before.denied === after.denied;
  const isNow = from.getTime() === at.getTime();
  const isSame = isNow && isSamePolicy && isSameDenial && isUntouched(standing, ending);
  const next = isSame ? standing : await appraiseStored(evidence, trustIn(after), policies.after, at, memory);
  return {
    ...compareVerdicts(standing, next, ending),
    isHoldable: isHoldableLoss(standing, next, revoked),
  };
}

/** A trusted host stays trusted while what its verdict rests on stays: a further golden measurement takes nothing away. */
function isUntouched(verdict: Verdict, ending: ReadonlySet<string>): boolean {
  return verdict.status === 'affirming' && !goldensOf(verdict).some((id) => ending.has(id));
}
