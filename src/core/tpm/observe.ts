// Cryptographic observation of a statement whose key nobody vouches for: for inspection and for published vectors.
// NOT a verification: it makes no branded type, knows nothing of key attributes, ignores algorithm strength, and must
// never feed a verdict about a host. Use `verifyQuote` for that.
import { equalInConstantTime, verifySignature, type HashAlgorithm, type PublicKey } from '../crypto/index.ts';
import { AttestationError } from '../error.ts';
import type { ClaimedAttest } from './attest.ts';
import { parseAttest } from './parse-attest.ts';
import { pcrDigestOf } from './pcr-digest.ts';
import type { ClaimedPcrs } from './pcr-selection.ts';
import { isSignatureValid, parseSignature } from './signature.ts';

/** How the signature bytes are written. A raw or a DER signature does not name its algorithm; a raw
 * ECDSA signature is r and s, each as long as the curve's numbers. */
export type SignatureEncoding =
  | { readonly kind: 'tpmt' }
  | { readonly kind: 'raw-rsassa' | 'raw-rsapss' | 'raw-ecdsa' | 'der-ecdsa'; readonly hash: HashAlgorithm };

export interface ObservedInput {
  /** Bare TPMS_ATTEST. */
  readonly attest: Uint8Array;
  readonly signature: Uint8Array;
  readonly signatureEncoding: SignatureEncoding;
  readonly publicKey: PublicKey | undefined;
  readonly qualifyingData: Uint8Array | undefined;
  readonly pcrs: ClaimedPcrs | undefined;
}

/** Undefined where there was nothing to compare. Names are those of the vectors' expectations. */
export interface StatementObservation {
  readonly verdict: 'accept' | 'reject' | 'unverifiable';
  readonly signature_valid: boolean | undefined;
  readonly nonce_matches: boolean | undefined;
  readonly pcr_digest_matches: boolean | undefined;
  /** Undefined when the bytes are no TPM statement. */
  readonly attest: ClaimedAttest | undefined;
  readonly reasons: readonly string[];
}

/** Observes magic, type, signature under the given key, qualifying data and PCR digest. Never throws for hostile bytes. */
export function observeStatement(input: ObservedInput): StatementObservation {
  const reasons: string[] = [];
  const attest = attempt(() => parseAttest(input.attest), reasons);
  const signature = readSignature(input, reasons);
  const signatureValid =
    input.publicKey === undefined ? undefined : signature?.isValid(input.publicKey, input.attest) === true;
  const nonceMatches =
    attest === undefined || input.qualifyingData === undefined
      ? undefined
      : equalInConstantTime(attest.extraData, input.qualifyingData);
  const digestMatches = observePcrDigest(attest, input.pcrs, signature?.hash);
  if (signatureValid === false) reasons.push('signature invalid');
  if (nonceMatches === false) reasons.push('qualifying data mismatch');
  if (digestMatches === false) reasons.push('PCR digest mismatch');
  const unverifiable = reasons.length === 0 && signatureValid === undefined;
  return {
    verdict: reasons.length > 0 ? 'reject' : unverifiable ? 'unverifiable' : 'accept',
    signature_valid: signatureValid,
    nonce_matches: nonceMatches,
    pcr_digest_matches: digestMatches,
    attest,
    reasons: unverifiable ? ['no key to verify with'] : reasons,
  };
}

interface ReadSignature {
  readonly hash: HashAlgorithm;
  readonly isValid: (key: PublicKey, message: Uint8Array) => boolean;
}

function readSignature({ signature, signatureEncoding }: ObservedInput, reasons: string[]): ReadSignature | undefined {
  if (signatureEncoding.kind === 'tpmt') {
    const parsed = attempt(() => parseSignature(signature), reasons);
    return parsed && { hash: parsed.hash, isValid: (key, message) => isSignatureValid(key, message, parsed) };
  }
  const { kind, hash } = signatureEncoding;
  if (kind === 'der-ecdsa' || kind === 'raw-ecdsa') {
    const scheme = { kind: 'ecdsa', hash, encoding: kind === 'der-ecdsa' ? 'der' : 'ieee-p1363' } as const;
    return { hash, isValid: (key, message) => verifySignature(key, scheme, message, signature) };
  }
  const parsed = { kind: kind === 'raw-rsassa' ? 'rsassa' : 'rsapss', hash, signature } as const;
  return { hash, isValid: (key, message) => isSignatureValid(key, message, parsed) };
}

/** The digest is made with the hash of the signing scheme. */
function observePcrDigest(
  attest: ClaimedAttest | undefined,
  pcrs: ClaimedPcrs | undefined,
  alg: HashAlgorithm | undefined,
): boolean | undefined {
  if (attest?.type !== 'quote' || pcrs === undefined || alg === undefined) return undefined;
  const digest = pcrDigestOf(attest.selections, pcrs, alg);
  return digest !== undefined && equalInConstantTime(digest, attest.pcrDigest);
}

function attempt<T>(read: () => T, reasons: string[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    reasons.push(`${error.code}: ${error.message}`);
    return undefined;
  }
}
