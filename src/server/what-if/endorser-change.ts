// What becomes of a host when a trust anchor is withdrawn, from its enrolment and its stored evidence. Nothing is changed by asking.
import { appraise, compareVerdicts } from '../../core/appraisal/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { standingOf, type EndorsementRoots } from '../../core/endorsement/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import type { TrustAnchor } from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { selectPolicy } from '../golden/select-policy.ts';
import type { TrustInForce } from '../golden/trust-cache.ts';
import { visitMemory } from '../memory.ts';
import type { FleetRecord } from '../storage/index.ts';
import { foreseeEndorser } from '../trust/endorsement.ts';
import type { HostChange, UnknownHost } from './fleet-change.ts';
import { createSubject, readEvidence, trustOf, type Subject } from './stored-evidence.ts';

/** A function that says it of one host after another; undefined for those that the anchor vouches nothing for. A host whose TPM another
 * anchor or an operator vouches for is taken to be vouched for by that one, as it is at its next attestation. */
export function createEndorserComparison(
  context: ServerContext,
  trust: TrustInForce,
  anchorId: string,
): (record: FleetRecord) => Promise<HostChange | UnknownHost | undefined> {
  const memory = visitMemory(context.memory);
  const at = context.now();
  const after = withoutRoot(trust, anchorId);
  const subjectOf = (record: StandingRecord, roots: EndorsementRoots): Subject => {
    const question = { rules: context.config.enrolment, at, memory: memory.certificates };
    const { endorsement } = standingOf(record.host, roots, question);
    return { ...createSubject(context, record, { roots, at, rules: [trust.denied], memory }), endorsement };
  };
  return async ({ host, evidence }) => {
    const { hostId, endorser, platformCertificates } = host;
    if (endorser?.id !== anchorId && platformCertificates.length === 0) return undefined;
    if (evidence === undefined) return { host: hostId, code: 'HOST_EVIDENCE_NONE' };
    if (evidence.bootEpoch === 'rolled-back') return { host: hostId, code: 'BOOT_ROLLED_BACK' };
    try {
      const next = endorser?.id === anchorId ? await foreseeEndorser(context, host, after) : endorser;
      const now = subjectOf({ host, evidence }, trust);
      const then = subjectOf({ host: { ...host, endorser: next }, evidence }, after);
      const policy = selectPolicy(trust.policies, host)?.policy;
      const read = await readEvidence(context, now);
      const judge = (subject: Subject): Verdict =>
        appraise(read.evidence, trustOf(subject, read.qualifyingData, trust), policy, at, memory);
      return { ...compareVerdicts(judge(now), judge(then)), isHoldable: false };
    } catch (error) {
      context.log.error({ err: error, host: hostId }, 'a host could not be appraised without a trust anchor');
      return { host: hostId, code: 'SERVER_INTERNAL' };
    }
  };
}

interface StandingRecord {
  readonly host: FleetRecord['host'];
  readonly evidence: NonNullable<FleetRecord['evidence']>;
}

function withoutRoot(trust: TrustInForce, id: string): EndorsementRoots {
  const isOther = ({ certificate }: TrustAnchor): boolean => hashHex('sha256', certificate.der) !== id;
  const { anchors, platformAnchors, intermediates, revocationLists } = trust;
  return {
    anchors: anchors.filter(isOther),
    platformAnchors: platformAnchors.filter(isOther),
    intermediates,
    revocationLists,
  };
}
