// What a bundle is worth: its evidence appraised again, by the very function that the server uses, under what the bundle says was
// trusted then, or under what somebody trusts by themselves.
import { appraise, parsePolicy, type AppraisalPolicy } from '../appraisal/index.ts';
import { publicKeyFromPem } from '../crypto/index.ts';
import { denyRulesOf, parseDenyEnvelope, type NamedGolden } from '../deny/index.ts';
import type { JsonObject } from '../encoding/index.ts';
import { endorsersOf, judgePlatform, standingOf, type EndorsementRoots } from '../endorsement/index.ts';
import { AttestationError, MalformedError } from '../error.ts';
import { parseGolden, verifyApproval, type ApprovedGolden, type AuthorisedSigner } from '../golden/index.ts';
import type { Verdict } from '../verdict/index.ts';
import { parseCertificate, parseCrl, type TrustAnchor } from '../x509/index.ts';
import { qualifyingDataOf } from './attestation-part.ts';
import { endsBy, grantAt, quarantineAt, standingAnchors, type EndOfTrust, type GrantThen } from './beside-verdict.ts';
import { naming } from './documents.ts';
import type { RecordedQuarantine } from './history-part.ts';
import { differencesOf, type OpenedBundle } from './open-bundle.ts';
import type { RecordedAnchor, RecordedTrust } from './trust-parts.ts';

/** What takes the place of what the bundle says was trusted. */
export interface OwnTrust {
  /** Roots: for TPMs and for platform certificates. */
  readonly anchors?: readonly TrustAnchor[];
  readonly signers?: readonly AuthorisedSigner[];
  readonly quorum?: number;
}

export interface BundleAppraisal {
  readonly verdict: Verdict;
  /** Members in which it differs from the verdict that the server gave. At another time than the server's, the times of a verdict
   * are another matter, and not among them. */
  readonly differences: readonly string[];
  /** Golden measurements that too few of the signers approved: they are not in force. */
  readonly unapproved: readonly { readonly id: string; readonly code: string }[];
  /** What was in force at the verdict, and is not at the time that is asked about. */
  readonly ended: readonly EndOfTrust[];
  /** Set aside by operators then: whatever the evidence says, the server admitted nothing to it. */
  readonly quarantine: RecordedQuarantine | undefined;
  /** Admitted then by operators, together, although the evidence says something worse. */
  readonly grant: GrantThen | undefined;
}

/** @throws MalformedError EVIDENCE_PART_INVALID where a certificate, a list or the policy cannot be read */
export function appraiseBundle(bundle: OpenedBundle, at: Date, own: OwnTrust = {}): BundleAppraisal {
  const { attestation, host, evidence, trust, claimedVerdict } = bundle;
  const { rules, previousBoot } = attestation;
  const ended = endsBy(bundle, at);
  const roots = rootsOf(trust, ended, own);
  const approval = approvalOf(bundle, own);
  const { goldens, unapproved } = approveAll(bundle, ended, approval);
  const denied = denyRulesOf(
    naming('trust/deny-lists', () => trust.denyLists.map((envelope) => parseDenyEnvelope(envelope).untrustedList)),
    naming('trust/denied-golden-measurements', () =>
      trust.namedGoldens.map(readNamed).sort(({ id: left }, { id: right }) => (left < right ? -1 : 1)),
    ),
  );
  // Who vouched for the host is the word of the server alone. Under roots of one's own only the certificates count: the endorser gets an
  // id that nobody has.
  const judged = own.anchors !== undefined && host.endorser !== undefined ? { ...host, endorser: { id: '' } } : host;
  const verdict = appraise(
    evidence,
    {
      host: { id: host.id, attestationKey: host.attestationKey },
      ...standingOf(judged, roots, { rules, at }),
      platform: judgePlatform(judged, roots, at),
      qualifyingData: qualifyingDataOf(attestation, host),
      challengedAt: attestation.challenge.drawnAt,
      goldens,
      denied,
      endorsers: endorsersOf(host, roots, denied),
      previousBoot,
    },
    policyOf(bundle),
    at,
  );
  const isThen = at.getTime() === attestation.at.getTime();
  const { drawnAt } = attestation.challenge;
  const incomparable = [
    ...(isThen ? [] : ['issuedAt', 'expiresAt']),
    ...(drawnAt === undefined || at < drawnAt ? ['challengedAt'] : []),
  ];
  const differences = differencesOf(claimedVerdict, verdict as unknown as JsonObject);
  return {
    verdict,
    differences: differences.filter((name) => !incomparable.includes(name)),
    unapproved,
    ended,
    quarantine: quarantineAt(bundle.history, at),
    grant: grantAt(bundle.history, { verdict, ek: host.ekDigest, at }, approval),
  };
}

function rootsOf(trust: RecordedTrust, ended: readonly EndOfTrust[], own: OwnTrust): EndorsementRoots {
  const recorded = naming('trust/anchors.pem', () => standingAnchors(trust.anchors, ended).map(anchorOf));
  return {
    anchors: own.anchors ?? recorded.filter(({ scope }) => scope !== 'platform'),
    platformAnchors:
      own.anchors?.map((anchor) => ({ ...anchor, scope: 'platform' as const })) ??
      recorded.filter(({ scope }) => scope === 'platform'),
    intermediates: naming('trust/intermediates.pem', () => trust.intermediates.map(parseCertificate)),
    revocationLists: naming('trust/revocation-lists.pem', () => trust.revocationLists.map(parseCrl)),
  };
}

function anchorOf({ certificate, ...anchor }: RecordedAnchor): TrustAnchor {
  return { ...anchor, certificate: parseCertificate(certificate) };
}

function isTold({ end }: EndOfTrust): boolean {
  return end !== 'expired' && end !== 'not-begun';
}

interface Approval {
  readonly signers: readonly AuthorisedSigner[];
  readonly quorum: number;
}

function approvalOf({ attestation, trust }: OpenedBundle, own: OwnTrust): Approval {
  const signers = own.signers ?? naming('trust/signers.json', () => trust.signers.map(signerOf));
  return { signers, quorum: own.quorum ?? attestation.rules.goldenQuorum };
}

/** The golden measurements in force: without those that a rollout kept back or the server ended. Those that end by their own date stay, as
 * on the server: the appraisal accepts them within their dates only, and can say so. */
function approveAll({ attestation, trust }: OpenedBundle, ended: readonly EndOfTrust[], approval: Approval) {
  const out = new Set([...attestation.keptBack, ...ended.filter(isTold).map(({ id }) => id)]);
  const goldens: ApprovedGolden[] = [];
  const unapproved: { readonly id: string; readonly code: string }[] = [];
  for (const envelope of trust.goldens) {
    const { id } = naming('trust/golden-measurements', () => parseGolden(envelope));
    if (out.has(id)) continue;
    try {
      goldens.push(verifyApproval(envelope, approval));
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
      unapproved.push({ id, code: error.code });
    }
  }
  return { goldens, unapproved };
}

function readNamed(envelope: Uint8Array): NamedGolden {
  const { id, untrustedStatement: statement } = parseGolden(envelope);
  return { id, statement };
}

function signerOf({ name, publicKeyPem, layers }: RecordedTrust['signers'][number]): AuthorisedSigner {
  const publicKey = publicKeyFromPem(publicKeyPem);
  return layers === undefined ? { name, publicKey } : { name, publicKey, layers };
}

/** The one that applied, by id and version. */
function policyOf({ attestation, trust }: OpenedBundle): AppraisalPolicy | undefined {
  const { policy: applied } = attestation;
  if (applied === undefined) return undefined;
  const policies = naming('trust/policies.json', () => trust.policies.map(parsePolicy));
  const found = policies.find(({ id, version }) => id === applied.id && version === applied.version);
  if (found !== undefined) return found;
  const problem = 'the policy that applied is not there';
  throw new MalformedError('EVIDENCE_PART_INVALID', problem, { at: 'trust/policies.json' });
}
