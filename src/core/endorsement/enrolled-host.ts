// What is kept of a host since it enrolled, and what it is held against. None of it is in its evidence.
import type { Certificate, CertificateRevocationList, TrustAnchor } from '../x509/index.ts';

export interface EnrolledHost {
  /** SHA-256 of the EK's SubjectPublicKeyInfo. */
  readonly ekDigest: Uint8Array;
  readonly ekCertificate: Uint8Array | undefined;
  /** Issuers that the host sent with it. */
  readonly ekChain: readonly Uint8Array[];
  /** As the host sent them: attribute certificates of the machine, and certificates of their issuers. */
  readonly platformCertificates: readonly Uint8Array[];
  readonly deviceIdentity: EnrolledDevice | undefined;
  /** Who vouched, by SHA-256 of the trust anchor, or of the EK where an operator registered it. Undefined: nobody. */
  readonly endorser: { readonly id: string } | undefined;
  /** Milliseconds since 1970: certificates are judged as of then. */
  readonly enrolledAt: number;
}

/** An initial attestation key (IAK), and its certificate by the maker of the machine. */
export interface EnrolledDevice {
  readonly certificate: Uint8Array;
  readonly chain: readonly Uint8Array[];
  /** TPM2B_PUBLIC. */
  readonly publicArea: Uint8Array;
}

/** What endorsements may lead to. */
export interface EndorsementRoots {
  readonly anchors: readonly TrustAnchor[];
  /** Roots of makers of machines. */
  readonly platformAnchors: readonly TrustAnchor[];
  readonly intermediates: readonly Certificate[];
  readonly revocationLists: readonly CertificateRevocationList[];
}

/** What the configuration takes as an endorsement. */
export interface EndorsementRules {
  readonly allowUnverifiedEk: boolean;
  readonly deviceIdentity: 'off' | 'accepted' | 'required';
}
