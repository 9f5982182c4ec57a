// TPMT_SIGNATURE: parse, encode, and verification over exact bytes. [TPM2-P2 §11.3.4]
import { curveSizes, verifySignature, type HashAlgorithm, type PublicKey } from '../crypto/index.ts';
import { concatBytes, leftPad } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { algorithmIds, hashFromId } from './algorithms.ts';
import { encodeSized, readSized, sizeLimits, tpmCursor, u16 } from './wire.ts';

export interface RsaSignature {
  readonly kind: 'rsassa' | 'rsapss';
  readonly hash: HashAlgorithm;
  readonly signature: Uint8Array;
}

export interface EcdsaSignature {
  readonly kind: 'ecdsa';
  readonly hash: HashAlgorithm;
  /** Big-endian, often without leading zeros. */
  readonly r: Uint8Array;
  readonly s: Uint8Array;
}

export type TpmSignature = RsaSignature | EcdsaSignature;

/** Parses a TPMT_SIGNATURE. Names the scheme the sender claims; the key decides which scheme is accepted.
 * @throws MalformedError TPM_SIGNATURE_SCHEME_UNSUPPORTED, TPM_STRUCTURE_*, TPM_HASH_UNSUPPORTED */
export function parseSignature(bytes: Uint8Array): TpmSignature {
  const cursor = tpmCursor(bytes, sizeLimits.signature, 'signature');
  const id = cursor.u16('signature scheme');
  const kind = (['rsassa', 'rsapss', 'ecdsa'] as const).find((name) => algorithmIds[name] === id);
  if (kind === undefined) {
    throw new MalformedError('TPM_SIGNATURE_SCHEME_UNSUPPORTED', `signature scheme 0x${id.toString(16)}`, { at: 0 });
  }
  const hash = hashFromId(cursor.u16('signature hash'), 'signature', 2);
  const signature: TpmSignature =
    kind === 'ecdsa'
      ? { kind, hash, r: readSized(cursor, sizeLimits.ecc, 'r'), s: readSized(cursor, sizeLimits.ecc, 's') }
      : { kind, hash, signature: readSized(cursor, sizeLimits.rsa, 'RSA signature') };
  cursor.end('signature');
  return signature;
}

/** TPMT_SIGNATURE. */
export function encodeSignature(signature: TpmSignature): Uint8Array {
  return concatBytes(
    u16(algorithmIds[signature.kind]),
    u16(algorithmIds[signature.hash]),
    signature.kind === 'ecdsa'
      ? concatBytes(encodeSized(signature.r), encodeSized(signature.s))
      : encodeSized(signature.signature),
  );
}

/** True only when `signature` is valid over `message` under `key`. Shorter integers are widened with zeros, because TPMs
 * strip them; longer ones are not valid, never trimmed. Does not judge the scheme: that is the caller's duty. */
export function isSignatureValid(key: PublicKey, message: Uint8Array, signature: TpmSignature): boolean {
  const { kind, hash } = signature;
  if (kind !== 'ecdsa')
    return verifySignature(key, { kind, hash }, message, leftPad(signature.signature, Math.ceil(key.bits / 8)));
  if (key.curve === undefined) return false;
  const size = curveSizes[key.curve];
  const pair = concatBytes(leftPad(signature.r, size), leftPad(signature.s, size));
  return verifySignature(key, { kind, hash, encoding: 'ieee-p1363' }, message, pair);
}
