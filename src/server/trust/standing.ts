// Whether what vouched for a TPM at enrolment still does: its maker may have revoked a certificate since, and an anchor may demand
// that fresh lists say it did not.
import type { EndorsementStanding } from '../../core/appraisal/index.ts';
import { encodeHex } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  completeChain,
  missingIssuer,
  parseCertificate,
  verifyCertificatePath,
  type AppliedLeniency,
  type MissingIssuer,
} from '../../core/x509/index.ts';
import type { ServerConfig } from '../config/config.ts';
import type { ServerContext } from '../context.ts';
import type { TrustInForce } from '../golden/trust-cache.ts';
import type { HostRecord } from '../storage/index.ts';
import { provePath } from './device-identity.ts';

export interface Standing {
  readonly endorsement: EndorsementStanding;
  readonly leniencies: readonly AppliedLeniency[];
  /** Whose certificate nobody has; undefined when that is not why nobody vouches. */
  readonly missingIssuer?: MissingIssuer | undefined;
}

type EkRoots = Pick<TrustInForce, 'anchors' | 'intermediates' | 'revocationLists'>;
type Roots = EkRoots & Pick<TrustInForce, 'platformAnchors'>;

/** What an appraisal may rest on of the endorsement of `host`, now. */
export function standingOf(
  host: HostRecord,
  roots: Roots,
  { config, now }: Pick<ServerContext, 'config' | 'now'>,
): Standing {
  const known = endorsementOf(host, config);
  // An operator registered this very key, and vouches whatever its certificate says.
  if (host.endorser?.id === encodeHex(host.ekDigest)) return { endorsement: known, leniencies: [] };
  const judged = judgeEndorsement(host, roots, { config, at: now() });
  if (known === 'verified' || judged.endorsement === 'revoked') return judged;
  return { endorsement: known, leniencies: [], missingIssuer: judged.missingIssuer };
}

/** What the record of a host says by itself; revocation is not looked at. */
export function endorsementOf({ endorser }: HostRecord, { enrolment }: ServerConfig): EndorsementStanding {
  if (endorser !== undefined) return 'verified';
  return enrolment.allowUnverifiedEk ? 'unverified' : 'missing';
}

/** By the certificate of the EK; and where that is not proven, by that of the IAK, if the configuration takes it. */
export function judgeEndorsement(
  host: HostRecord,
  roots: Roots,
  { config, at }: { readonly config: ServerConfig; readonly at: Date },
): Standing {
  const byEk = judgeCertificate(host, roots, at);
  const { deviceIdentity, enrolledAt } = host;
  const isSettled = byEk.endorsement === 'verified' || byEk.endorsement === 'revoked';
  if (isSettled || deviceIdentity === undefined || config.enrolment.deviceIdentity === 'off') return byEk;
  try {
    const dates = { at: new Date(enrolledAt), revocationAt: at };
    return { endorsement: 'verified', leniencies: provePath(deviceIdentity, roots, dates).certificate.leniencies };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { endorsement: standingsByCode[error.code] ?? 'missing', leniencies: [] };
  }
}

/** Of the EK. Validity is judged when the host enrolled; revocation at `at`. */
export function judgeCertificate(host: HostRecord, roots: EkRoots, at: Date): Standing {
  const { anchors, revocationLists } = roots;
  const { ekCertificate, ekChain, enrolledAt } = host;
  if (ekCertificate === undefined) return { endorsement: 'missing', leniencies: [] };
  const leaf = parseCertificate(ekCertificate);
  const intermediates = completeChain(leaf, ekChain.map(parseCertificate), roots.intermediates);
  try {
    const { leniencies } = verifyCertificatePath({
      leaf,
      intermediates,
      anchors,
      crls: revocationLists,
      at: new Date(enrolledAt),
      revocationAt: at,
      profile: 'ek',
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
