// Which signatures count: algorithm and key size, and the signature itself over the exact signed bytes.
import { hasRocaFingerprint, verifySignature, type PublicKey, type SignatureScheme } from '../crypto/index.ts';
import { decodeBase64url } from '../encoding/index.ts';
import type { LeniencyId } from './leniency.ts';

const minimumRsaBits = 2048;
const minimumRsaExponent = 65537n;

/** A signed structure: certificate or revocation list. */
export interface SignedStructure {
  readonly tbs: Uint8Array;
  readonly signatureScheme: SignatureScheme | undefined;
  readonly signature: Uint8Array;
}

/** True when `key` made the signature; no judgement about strength. */
export function isSignedBy(signed: SignedStructure, key: PublicKey | undefined): boolean {
  if (key === undefined || signed.signatureScheme === undefined) return false;
  return verifySignature(key, signed.signatureScheme, signed.tbs, signed.signature);
}

/** What an anchor must be marked legacy for, if this signature or this key is to count under it. */
export function signatureWeaknesses(signed: SignedStructure, key: PublicKey): readonly LeniencyId[] {
  const scheme = signed.signatureScheme;
  const sha1 = scheme !== undefined && 'hash' in scheme && scheme.hash === 'sha1';
  return [...(sha1 ? (['sha1-signature'] as const) : []), ...(isWeakKey(key) ? (['weak-issuer-key'] as const) : [])];
}

/** RSA below 2048 bits, with an even modulus, or with an even or a smaller exponent than 65537. Curves known at all are
 * strong. */
export function isWeakKey(key: PublicKey): boolean {
  if (key.type !== 'rsa') return false;
  const exponent = key.handle.asymmetricKeyDetails?.publicExponent ?? 0n;
  const isEven = (modulusOf(key).at(-1) ?? 0) % 2 === 0;
  return key.bits < minimumRsaBits || isEven || exponent < minimumRsaExponent || exponent % 2n === 0n;
}

/** True for RSA keys of the flawed generator of CVE-2017-15361: their private half follows from the public one. */
export function isRocaKey(key: PublicKey | undefined): boolean {
  return key?.type === 'rsa' && hasRocaFingerprint(modulusOf(key));
}

function modulusOf(key: PublicKey): Uint8Array {
  return decodeBase64url(key.handle.export({ format: 'jwk' }).n ?? '');
}
