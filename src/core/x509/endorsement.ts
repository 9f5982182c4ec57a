// Who is this TPM: the endorsement key in front of us is the one its maker certified. [TCG-EK §3.2]
import { equalInConstantTime, spkiDigest } from '../crypto/index.ts';
import { VerificationError } from '../error.ts';
import type { EndorsementKey } from '../tpm/index.ts';
import type { Certificate, TpmAttributes } from './certificate.ts';
import { verifyCertificatePath, type PathInput, type TrustedCertificate } from './path.ts';
import { manufacturerName } from './profile.ts';

export interface EndorsementInput extends Omit<PathInput, 'leaf' | 'profile'> {
  readonly certificate: Certificate;
  readonly ekPublic: EndorsementKey;
}

declare const endorsed: unique symbol;

/** A TPM's endorsement key, certified by a trusted maker. Made here only. */
export interface TrustedEndorsement {
  readonly [endorsed]: true;
  readonly certificate: TrustedCertificate;
  readonly ekPublic: EndorsementKey;
  /** SHA-256 of the key's SubjectPublicKeyInfo: the identity of the TPM, whatever certificate carries it. */
  readonly ekDigest: Uint8Array;
  readonly tpm: TpmAttributes | undefined;
  readonly manufacturerName: string | undefined;
}

/** Proves:
 * 1. the certificate has a valid path at `at` and the form of an EK certificate (verifyCertificatePath);
 * 2. it certifies the very key of `ekPublic`. Host and maker speak about one key: an EK certificate of one TPM beside the
 *    EK of another is how CVE-2021-3406 lent identities.
 * Does not prove that the host has that TPM: only credential activation does (core/tpm makeCredential).
 * @throws VerificationError X509_EK_KEY_MISMATCH, and as verifyCertificatePath */
export function verifyEkCertificate(input: EndorsementInput): TrustedEndorsement {
  const { certificate, ekPublic, ...rest } = input;
  const trusted = verifyCertificatePath({ ...rest, leaf: certificate, profile: 'ek' });
  const ekDigest = spkiDigest(ekPublic.public.publicKey);
  const certified = certificate.publicKey;
  if (certified === undefined || !equalInConstantTime(spkiDigest(certified), ekDigest)) {
    throw new VerificationError(
      'X509_EK_KEY_MISMATCH',
      'the EK certificate certifies another key than the EK presented',
    );
  }
  const { tpm } = certificate;
  const maker = tpm && manufacturerName(tpm.manufacturer);
  return { certificate: trusted, ekPublic, ekDigest, tpm, manufacturerName: maker } as TrustedEndorsement;
}
