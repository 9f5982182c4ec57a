// Whether what vouched for a TPM at enrolment still does: its maker may have revoked a certificate since, and an anchor may demand
// that fresh lists say it did not.
import type { EndorsementStanding } from '../appraisal/index.ts';
import { encodeHex } from '../encoding/index.ts';
import { AttestationError } from '../error.ts';
import {
  completeChain,
  missingIssuer,
  recallCertificate,
  verifyCertificatePath,
  type AppliedLeniency,
  type Certificate,
  type CertificateMemory,
  type MissingIssuer,
} from '../x509/index.ts';
import { proveDeviceIdentity } from './device-identity.ts';
import type { EndorsementRoots, EndorsementRules, EnrolledDevice, EnrolledHost } from './enrolled-host.ts';

export interface Standing {
  readonly endorsement: EndorsementStanding;
  readonly leniencies: readonly AppliedLeniency[];
  /** The issuer whose certificate is not at hand, where that is why nobody vouches. */
  readonly missingIssuer?: MissingIssuer | undefined;
}

interface Question {
  readonly rules: EndorsementRules;
  readonly at: Date;
  /** Certificates that were read before. */
  readonly memory?: CertificateMemory;
}

/** What an appraisal may rest on of the endorsement of `host`, at `at`. */
export function standingOf(host: EnrolledHost, roots: EndorsementRoots, question: Question): Standing {
  const known = endorsementOf(host, question.rules);
  // An operator registered this very EK and so vouches for it: its certificate decides nothing.
  if (host.endorser?.id === encodeHex(host.ekDigest)) return { endorsement: known, leniencies: [] };
  const judged = judgeEndorsement(host, roots, question);
  if (known === 'verified' || judged.endorsement === 'revoked') return judged;
  return { endorsement: known, leniencies: [], missingIssuer: judged.missingIssuer };
}

/** What the record of a host says by itself; revocation is not looked at. */
export function endorsementOf(
  { endorser }: Pick<EnrolledHost, 'endorser'>,
  { allowUnverifiedEk }: EndorsementRules,
): EndorsementStanding {
  if (endorser !== undefined) return 'verified';
  return allowUnverifiedEk ? 'unverified' : 'missing';
}

/** By the certificate of the EK; and where that is not proven, by that of the IAK, if the configuration takes it. Where it requires one,
 * an IAK that was revoked speaks against a proven EK, too: the host would not be enrolled today. */
export function judgeEndorsement(
  host: EnrolledHost,
  roots: EndorsementRoots,
  { rules, at, memory }: Question,
): Standing {
  const byEk = judgeCertificate(host, roots, at, memory);
  const { deviceIdentity, enrolledAt } = host;
  if (byEk.endorsement === 'revoked' || deviceIdentity === undefined || rules.deviceIdentity === 'off') return byEk;
  const isProven = byEk.endorsement === 'verified';
  if (isProven && rules.deviceIdentity === 'accepted') return byEk;
  const byIak = judgeIdentity(deviceIdentity, roots, { at: new Date(enrolledAt), revocationAt: at }, memory);
  return isProven && byIak.endorsement !== 'revoked' ? byEk : byIak;
}

function judgeIdentity(
  device: EnrolledDevice,
  roots: EndorsementRoots,
  dates: { readonly at: Date; readonly revocationAt: Date },
  memory?: CertificateMemory,
): Standing {
  try {
    const { certificate } = proveDeviceIdentity(device, roots, dates, memory);
    return { endorsement: 'verified', leniencies: certificate.leniencies };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { endorsement: standingsByCode[error.code] ?? 'missing', leniencies: [] };
  }
}

/** Of the EK. Validity is judged when the host enrolled; revocation at `at`. */
export function judgeCertificate(
  host: EnrolledHost,
  roots: Omit<EndorsementRoots, 'platformAnchors'>,
  at: Date,
  memory?: CertificateMemory,
): Standing {
  const { anchors, revocationLists } = roots;
  const { ekCertificate, ekChain, enrolledAt } = host;
  if (ekCertificate === undefined) return { endorsement: 'missing', leniencies: [] };
  const recall = (bytes: Uint8Array): Certificate => recallCertificate(bytes, memory);
  const leaf = recall(ekCertificate);
  const intermediates = completeChain(leaf, ekChain.map(recall), roots.intermediates);
  try {
    const { leniencies } = verifyCertificatePath({
      leaf,
      intermediates,
      anchors,
      crls: revocationLists,
      at: new Date(enrolledAt),
      revocationAt: at,
      profile: 'ek',
      signatures: memory?.signatures,
    });
    return { endorsement: 'verified', leniencies };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    const missing = error.code === 'X509_PATH_NO_ANCHOR' ? missingIssuer(leaf, intermediates) : undefined;
    return { endorsement: standingsByCode[error.code] ?? 'missing', leniencies: [], missingIssuer: missing };
  }
}

const standingsByCode: Readonly<Partial<Record<string, EndorsementStanding>>> = {
  X509_CERTIFICATE_REVOKED: 'revoked',
  X509_CRL_STALE: 'unchecked',
  X509_CRL_MISSING: 'unchecked',
  X509_CRL_SIGNATURE_INVALID: 'unchecked',
};
