// Signature of a COSE_Sign1, made and verified. [RFC9052 §4.4]
import { VerificationError } from '../error.ts';
import {
  coseHeaders,
  coseSign1Value,
  coseSigStructure,
  encodeProtectedHeaders,
  encodeUtf8,
  isCborArray,
  type CborKey,
  type CborMap,
  type ClaimedCoseSign1,
  type Tagged,
} from '../encoding/index.ts';
import { createSignature, type SigningKey } from './sign.ts';
import { verifySignature } from './signature.ts';
import { checkSuitable, signingAlgorithms, type VerificationKey } from './signing-algorithm.ts';

declare const verified: unique symbol;

/** Protected headers and payload that a known key signed. Made by `verifyCoseSign1` only. */
export interface VerifiedCoseSign1 {
  readonly [verified]: true;
  readonly headers: CborMap;
  readonly payload: Uint8Array;
}

export interface CoseVerification {
  readonly key: Pick<VerificationKey, 'alg' | 'publicKey'>;
  readonly externalAad?: Uint8Array;
  /** The payload, when it travelled apart. */
  readonly detachedPayload?: Uint8Array;
  /** Protected headers that the caller acts upon; `crit` may name no others. */
  readonly understood?: readonly CborKey[];
}

const alwaysUnderstood: readonly CborKey[] = Object.values(coseHeaders);

/**
 * Proves that `key` signed these protected headers and this payload:
 * 1. the protected `alg` is the algorithm pinned to the key, whatever the unprotected headers say;
 * 2. every header that `crit` names is understood and present;
 * 3. the signature is valid over the bytes as they were sent, never over a re-encoding.
 * It does not say whose key it is: the key comes from the caller's records, never from `kid` alone or a certificate in
 * the headers.
 * @throws VerificationError CRYPTO_COSE_ALGORITHM, CRYPTO_COSE_CRITICAL, CRYPTO_COSE_PAYLOAD, CRYPTO_COSE_SIGNATURE,
 *   CRYPTO_KEY_UNSUITABLE
 */
export function verifyCoseSign1(sign1: ClaimedCoseSign1, verification: CoseVerification): VerifiedCoseSign1 {
  const { key, externalAad, understood = [] } = verification;
  const { cose, scheme } = signingAlgorithms[key.alg];
  checkSuitable(key.publicKey, key.alg);
  if (sign1.protectedHeaders.get(coseHeaders.alg) !== cose) {
    throw new VerificationError('CRYPTO_COSE_ALGORITHM', `the protected alg is not ${key.alg}, which the key is for`);
  }
  checkCritical(sign1.protectedHeaders, [...alwaysUnderstood, ...understood]);
  const payload = onlyPayload(sign1.payload, verification.detachedPayload);
  const message = coseSigStructure(sign1.protectedBytes, payload, externalAad);
  if (!verifySignature(key.publicKey, scheme, message, sign1.signature)) {
    throw new VerificationError('CRYPTO_COSE_SIGNATURE', 'the signature is not valid');
  }
  return { headers: sign1.protectedHeaders, payload } as VerifiedCoseSign1;
}

/** Signs `payload` and returns the tagged structure. `alg` and `kid` are added to the protected headers. */
export function createCoseSign1(payload: Uint8Array, key: SigningKey, headers: CborMap = new Map()): Tagged {
  const { cose } = signingAlgorithms[key.alg];
  const all = new Map(headers).set(coseHeaders.alg, cose).set(coseHeaders.kid, encodeUtf8(key.kid));
  const protectedBytes = encodeProtectedHeaders(all);
  const signature = createSignature(key, coseSigStructure(protectedBytes, payload));
  return coseSign1Value({ protectedBytes, untrustedHeaders: new Map(), payload, signature });
}

function checkCritical(headers: CborMap, understood: readonly CborKey[]): void {
  if (!headers.has(coseHeaders.crit)) return;
  const critical = headers.get(coseHeaders.crit);
  const isSatisfied =
    isCborArray(critical) &&
    critical.length > 0 &&
    critical.every((label) => understood.some((known) => known === label) && headers.has(label as CborKey));
  if (!isSatisfied) throw new VerificationError('CRYPTO_COSE_CRITICAL', 'crit names a header that is not understood');
}

function onlyPayload(attached: Uint8Array | undefined, detached: Uint8Array | undefined): Uint8Array {
  const payload = attached ?? detached;
  if (payload === undefined || (attached !== undefined && detached !== undefined)) {
    throw new VerificationError('CRYPTO_COSE_PAYLOAD', 'exactly one payload is needed, attached or detached');
  }
  return payload;
}
