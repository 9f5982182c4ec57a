// TPM2_Certify and TPM2_CertifyCreation: one key vouches for another object. [TPM2-P3 §18.2, §18.3]
import { equalInConstantTime, hash } from '../crypto/index.ts';
import { VerificationError } from '../error.ts';
import { nameOf } from './name.ts';
import type { TpmPublic } from './public-area.ts';
import { openStatement, type SignedStatement } from './statement.ts';

declare const verifiedCertification: unique symbol;

/** An object that an attestation key of the same TPM vouched for. Made by `verifyCertify` and `verifyCreation` only. */
export interface VerifiedCertification {
  readonly [verifiedCertification]: true;
  readonly name: Uint8Array;
  readonly subject: TpmPublic;
}

/** Proves: the signing key's TPM had `subject` loaded, with exactly this public area, when it answered this challenge
 * (IAK -> AK). Does not prove what `subject` may do: read its attributes, or `verifyAttestationKey`.
 * @throws VerificationError as verifyQuote, TPM_CERTIFY_NAME_MISMATCH */
export function verifyCertify(input: SignedStatement & { readonly subject: TpmPublic }): VerifiedCertification {
  const claim = openStatement(input, 'certify');
  return certification(claim.name, input.subject);
}

/** Proves: the signing key's TPM created `subject` with exactly this public area and creation data.
 * @throws VerificationError as verifyQuote, TPM_CERTIFY_NAME_MISMATCH, TPM_CREATION_HASH_MISMATCH */
export function verifyCreation(
  input: SignedStatement & { readonly subject: TpmPublic; /** TPMS_CREATION_DATA */ readonly creationData: Uint8Array },
): VerifiedCertification {
  const claim = openStatement(input, 'creation');
  if (!equalInConstantTime(claim.creationHash, hash(input.subject.nameAlg, input.creationData))) {
    throw new VerificationError('TPM_CREATION_HASH_MISMATCH', 'the creation data is not what the TPM signed');
  }
  return certification(claim.objectName, input.subject);
}

function certification(claimedName: Uint8Array, subject: TpmPublic): VerifiedCertification {
  const name = nameOf(subject);
  if (!equalInConstantTime(claimedName, name)) {
    throw new VerificationError('TPM_CERTIFY_NAME_MISMATCH', 'the statement is about another object');
  }
  return { name, subject } as VerifiedCertification;
}
