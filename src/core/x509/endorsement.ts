// Who is this TPM: the endorsement key in front of us is the one its maker certified. [TCG-EK §3.2, PEERS T1]
import type { PublicKey } from '../crypto/index.ts';
import type { Certificate, TpmAttributes } from './certificate.ts';
import type { PathInput, TrustedCertificate } from './path.ts';
import { verifyCertificatePath } from './path.ts';

/** The part of a verified endorsement key (core/tpm `EndorsementKey`) that a certificate can speak about. */
export interface EndorsementPublic {
  readonly public: { readonly publicKey: PublicKey };
}

export interface EndorsementInput extends Omit<PathInput, 'leaf' | 'profile'> {
  readonly certificate: Certificate;
  readonly ekPublic: EndorsementPublic;
}

declare const endorsed: unique symbol;

/** A TPM's endorsement key, certified by a trusted maker. */
export interface TrustedEndorsement {
  readonly [endorsed]: true;
  readonly certificate: TrustedCertificate;
  /** SHA-256 of the key's SubjectPublicKeyInfo: the identity of the TPM, whatever certificate carries it. */
  readonly ekDigest: Uint8Array;
  readonly tpm: TpmAttributes | undefined;
  readonly manufacturerName: string | undefined;
}

/** @throws VerificationError X509_EK_KEY_MISMATCH, X509_PATH_*, X509_PROFILE_*, X509_CRL_* */
export function verifyEkCertificate(input: EndorsementInput): TrustedEndorsement {
  const certificate = verifyCertificatePath({ ...input, leaf: input.certificate, profile: 'ek' });
  return { certificate } as TrustedEndorsement;
}
