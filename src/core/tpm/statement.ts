// What every signed statement of a TPM must pass before its contents count. [TPM2-P1 §31.2]
import { equalInConstantTime } from '../crypto/index.ts';
import { bytesEqual } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import type { AttestationKey } from './attestation-key.ts';
import type { AttestType, ClaimedAttest } from './attest.ts';
import { hashOfName } from './name.ts';
import { parseAttest } from './parse-attest.ts';
import { checkQualifyingDataLength } from './qualifying-data.ts';
import { isSignatureValid, parseSignature } from './signature.ts';

export interface SignedStatement {
  /** Bare TPMS_ATTEST: exactly the bytes the TPM signed. */
  readonly attest: Uint8Array;
  /** TPMT_SIGNATURE. */
  readonly signature: Uint8Array;
  /** The enrolled key: never one that came with the statement. */
  readonly key: AttestationKey;
  /** What extraData must be. There is no way to leave it out. */
  readonly qualifyingData: Uint8Array;
}

/** The statement of `type`, after: signature scheme of the key, signature over the raw bytes, TPM_GENERATED, type,
 * qualifying data, form and hierarchy of the signer's name. Nothing is read from bytes whose signature failed. */
export function openStatement<T extends AttestType>(input: SignedStatement, type: T): ClaimedAttest & { type: T } {
  checkQualifyingDataLength(input.qualifyingData);
  verifyStatementSignature(input);
  const claim = parseAttest(input.attest);
  if (!isOfType(claim, type)) {
    throw new VerificationError('TPM_ATTEST_TYPE_WRONG', `the statement is a ${claim.type}, not a ${type}`, { at: 4 });
  }
  if (!equalInConstantTime(claim.extraData, input.qualifyingData)) {
    throw new VerificationError('TPM_QUALIFYING_DATA_MISMATCH', 'the statement answers another challenge');
  }
  // The qualified signer is made with the name hash of the signing key; a bare handle means TPM_RH_NULL "signed".
  if (hashOfName(claim.qualifiedSigner) !== input.key.public.nameAlg) {
    throw new VerificationError(
      'TPM_ATTEST_SIGNER_MALFORMED',
      'the qualified signer is not a name of the key that signed',
    );
  }
  if (bytesEqual(claim.qualifiedSigner, input.key.transientName)) {
    throw new VerificationError(
      'TPM_ATTEST_SIGNER_TRANSIENT',
      'the key that signed stands in the NULL hierarchy, which ends with the next reset of the TPM',
    );
  }
  return claim;
}

function verifyStatementSignature({ attest, signature, key }: SignedStatement): void {
  const parsed = parseSignature(signature);
  if (parsed.kind !== key.scheme.kind || parsed.hash !== key.scheme.hash) {
    throw new VerificationError(
      'TPM_SIGNATURE_SCHEME_MISMATCH',
      `the signature names ${parsed.kind} with ${parsed.hash}, the key has ${key.scheme.kind} with ${key.scheme.hash}`,
    );
  }
  if (!isSignatureValid(key.public.publicKey, attest, parsed)) {
    throw new VerificationError('TPM_SIGNATURE_INVALID', 'the signature does not verify with the attestation key');
  }
}

function isOfType<T extends AttestType>(claim: ClaimedAttest, type: T): claim is ClaimedAttest & { type: T } {
  return claim.type === type;
}
