// TPM2_Quote: which PCRs, with which combined digest, signed for one challenge. [TPM2-P3 §18.4]
import type { HashAlgorithm } from '../crypto/index.ts';
import { encodeBase64url } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import type { ClockInfo, QuoteClaim } from './attest.ts';
import type { PcrSelection } from './pcr-selection.ts';
import { openStatement, type SignedStatement } from './statement.ts';

declare const verifiedQuote: unique symbol;

/** A quote that an attestation key signed for one challenge. Made by `verifyQuote` only. */
export interface VerifiedQuote {
  readonly [verifiedQuote]: true;
  /** In signed order. */
  readonly selections: readonly PcrSelection[];
  readonly pcrDigest: Uint8Array;
  /** The hash of the signing scheme, which made `pcrDigest`. */
  readonly digestAlg: HashAlgorithm;
  /** Hash, digest, banks and PCRs as text: all that a quote says of PCR values. */
  readonly quoted: string;
  readonly clock: ClockInfo;
  readonly firmwareVersion: bigint;
  readonly qualifiedSigner: Uint8Array;
  /** Name of the attestation key that signed. */
  readonly keyName: Uint8Array;
}

/** Bitmap size of the PC Client profile: a TPM of that profile accepts and returns no other. */
const bitmapSize = 3;

/** Proves:
 * 1. the attestation key signed exactly these bytes, with its own scheme;
 * 2. a TPM made them (TPM_GENERATED under a restricted key);
 * 3. they are a quote, no other kind of statement;
 * 4. they answer this challenge (extraData is `qualifyingData`);
 * 5. they select at least one PCR, each bank once, all below 24.
 * Does not prove: any PCR value (`verifyPcrs`), that the selection is the one a policy needs, that the key belongs to a
 * host, or that the boot is later than one seen before (`compareBoot`).
 * @throws VerificationError TPM_SIGNATURE_*, TPM_ATTEST_*, TPM_QUALIFYING_DATA_*, TPM_SELECTION_SIZE_INVALID,
 *   TPM_QUOTE_SELECTION_EMPTY
 * @throws MalformedError as parseSignature and parseAttest */
export function verifyQuote(input: SignedStatement): VerifiedQuote {
  const claim = openStatement(input, 'quote');
  if (claim.selections.some((selection) => selection.bitmapSize !== bitmapSize)) {
    throw new VerificationError('TPM_SELECTION_SIZE_INVALID', 'a quote of a PC Client TPM has 3-byte PCR bitmaps');
  }
  if (claim.selections.every(({ pcrs }) => pcrs.length === 0)) {
    throw new VerificationError('TPM_QUOTE_SELECTION_EMPTY', 'the quote covers no PCR');
  }
  return {
    selections: claim.selections,
    pcrDigest: claim.pcrDigest,
    digestAlg: input.key.scheme.hash,
    quoted: describeQuoted(input.key.scheme.hash, claim),
    clock: claim.clock,
    firmwareVersion: claim.firmwareVersion,
    qualifiedSigner: claim.qualifiedSigner,
    keyName: input.key.name,
  } as VerifiedQuote;
}

function describeQuoted(digestAlg: HashAlgorithm, { pcrDigest, selections }: QuoteClaim): string {
  let text = `${digestAlg} ${encodeBase64url(pcrDigest)}`;
  for (const { bank, pcrs } of selections) text += ` ${bank} ${bitmapOf(pcrs)}`;
  return text;
}

function bitmapOf(pcrs: readonly number[]): number {
  let bitmap = 0;
  for (const pcr of pcrs) bitmap |= 1 << pcr;
  return bitmap;
}
