// What becomes of a host when a trust anchor is withdrawn, or a revocation list removed, from its enrolment and its stored evidence. Nothing is changed by asking.
import { changeOfTwin, compareVerdicts } from '../../core/appraisal/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { bytesEqual } from '../../core/encoding/index.ts';
import { standingOf, type EndorsementRoots } from '../../core/endorsement/index.ts';
import type { TrustAnchor } from '../../core/x509/index.ts';
import type { WalkContext } from '../fleet/walks.ts';
import { selectPolicy } from '../trust/select-policy.ts';
import type { TrustInForce } from '../golden/trust-cache.ts';
import { visitMemory } from '../memory.ts';
import { closedTo } from '../rollout/stages.ts';
import type { FleetRecord, RevocationListRecord } from '../storage/index.ts';
import { foreseeEndorser } from '../trust/endorsement.ts';
import { policyName, type DraftTrust } from './draft.ts';
import type { Endings } from './endings.ts';
import type { HostChange, UnknownHost } from './fleet-change.ts';
import { appraiseStored, classOf, createSubject, readEvidence, trustOf, type Subject } from './stored-evidence.ts';

export interface EndorserComparisonTerms {
  readonly before: TrustInForce;
  /** Golden measurements, policies and deny lists of the change. */
  readonly after: DraftTrust;
  readonly ended: EndedTrust;
  readonly endings?: Endings;
  /** When the trust in force is asked, and when the change is. */
  readonly from: Date;
  readonly at: Date;
}

/** What would say nothing of hosts any more. */
export interface EndedTrust {
  /** Ids of trust anchors. */
  readonly withdrawn: readonly string[];
  readonly removedLists: readonly Pick<RevocationListRecord, 'list'>[];
}

/** A function that says it of one host after another; undefined for those that the anchors vouch nothing for, where no list is removed: one
 * may concern any. A host whose TPM another anchor or an operator vouches for is taken to be vouched for by that one, as it is at its next
 * attestation. Hosts that booted alike are appraised once. */
export function createEndorserComparison(
  context: WalkContext,
  { before, after, ended, endings, from, at }: EndorserComparisonTerms,
): (record: FleetRecord) => Promise<HostChange | UnknownHost | undefined> {
  const known = new Map<string, HostChange>();
  const memory = visitMemory(context.memory);
  const ending = new Set(endings?.keys());
  const { withdrawn, removedLists } = ended;
  const mayBeRenewed = removedLists.length > 0;
  const roots = withoutEnded(before, ended);
  const rules = [before.denied, after.denied];
  const subjectOf = (record: StandingRecord, trusted: EndorsementRoots, when: Date): Subject => {
    const question = { rules: context.config.enrolment, at: when, memory: memory.certificates };
    const { endorsement } = standingOf(record.host, trusted, question);
    return { ...createSubject(context, record, { roots: trusted, at: when, rules, memory }), endorsement };
  };
  return async ({ host, evidence }) => {
    const { hostId, endorser, platformCertificates } = host;
    const isVouchedFor = endorser !== undefined && withdrawn.includes(endorser.id);
    if (!isVouchedFor && platformCertificates.length === 0 && !mayBeRenewed) return undefined;
    if (evidence === undefined) return { host: hostId, code: 'HOST_EVIDENCE_NONE' };
    if (evidence.bootEpoch === 'rolled-back') return { host: hostId, code: 'BOOT_ROLLED_BACK' };
    try {
      const search = (trusted: EndorsementRoots) => foreseeEndorser(context, host, trusted);
      // Whom a list took the endorser finds it again without; whom something else took it may find one in any case.
      const last = endorser ?? (mayBeRenewed ? await search(before) : undefined);
      const next = isVouchedFor || (endorser === undefined && mayBeRenewed) ? await search(roots) : endorser;
      const now = subjectOf({ host: { ...host, endorser: last }, evidence }, before, from);
      const then = subjectOf({ host: { ...host, endorser: next }, evidence }, roots, at);
      const policies = {
        now: selectPolicy(before.policies, host)?.policy,
        then: selectPolicy(after.policies, host)?.policy,
      };
      const terms = [
        policyName(policies.now),
        policyName(policies.then),
        ...[before, after].map(({ rollouts }) => [...closedTo(rollouts, host)].sort()),
      ];
      const classes = [classOf(now, terms, memory), classOf(then, terms, memory)];
      const bootClass = classes.includes(undefined) ? undefined : JSON.stringify(classes);
      const shared = bootClass === undefined ? undefined : known.get(bootClass);
      if (shared !== undefined) return changeOfTwin(shared, hostId);
      const { evidence: read, qualifyingData, isNewer } = await readEvidence(context, now);
      const standing = await appraiseStored(read, trustOf(now, qualifyingData, before), policies.now, from, memory);
      const verdict = await appraiseStored(read, trustOf(then, qualifyingData, after), policies.then, at, memory);
      const change = { ...compareVerdicts(standing, verdict, ending), isHoldable: false };
      if (bootClass !== undefined && !isNewer) known.set(bootClass, change);
      return change;
    } catch (error) {
      context.log.error({ err: error, host: hostId }, 'a host could not be appraised without what vouches for it now');
      return { host: hostId, code: 'SERVER_INTERNAL' };
    }
  };
}

interface StandingRecord {
  readonly host: FleetRecord['host'];
  readonly evidence: NonNullable<FleetRecord['evidence']>;
}

function withoutEnded(trust: TrustInForce, { withdrawn, removedLists }: EndedTrust): EndorsementRoots {
  const isKept = ({ certificate }: TrustAnchor): boolean => !withdrawn.includes(hashHex('sha256', certificate.der));
  const { anchors, platformAnchors, intermediates, revocationLists } = trust;
  return {
    anchors: anchors.filter(isKept),
    platformAnchors: platformAnchors.filter(isKept),
    intermediates,
    revocationLists: revocationLists.filter(({ der }) => !removedLists.some(({ list }) => bytesEqual(list, der))),
  };
}
