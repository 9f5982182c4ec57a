// Public keys as opaque handles: built from SPKI or from coordinates, compared by their SPKI digest.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { VerificationError } from '../error.ts';
import { encodeBase64url } from '../encoding/index.ts';
import { hash } from './hash.ts';

export type EcCurve = 'P-256' | 'P-384' | 'P-521';

/** Field sizes in bytes. */
export const curveSizes: Readonly<Record<EcCurve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

const curveNames: Readonly<Record<string, EcCurve>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** A public key that node:crypto accepted: RSA >= 1024 bits, P-256/384/521 or Ed25519. Strength is policy, elsewhere. */
export interface PublicKey {
  readonly type: 'rsa' | 'ec' | 'ed25519';
  /** RSA modulus length in bits, or the curve's field size in bits. */
  readonly bits: number;
  readonly curve?: EcCurve;
  readonly handle: KeyObject;
}

/** @throws VerificationError CRYPTO_KEY_INVALID */
export function publicKeyFromSpki(spki: Uint8Array): PublicKey {
  return toPublicKey(() => createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }));
}

/** @throws VerificationError CRYPTO_KEY_INVALID */
export function publicKeyFromPem(pem: string): PublicKey {
  return toPublicKey(() => createPublicKey(pem));
}

/** @throws VerificationError CRYPTO_KEY_INVALID */
export function rsaPublicKey(modulus: Uint8Array, exponent: Uint8Array): PublicKey {
  const jwk = { kty: 'RSA', n: encodeBase64url(modulus), e: encodeBase64url(exponent) };
  return toPublicKey(() => createPublicKey({ key: jwk, format: 'jwk' }));
}

/** Coordinates must have the curve's field size. node:crypto refuses a point that is not on the curve.
 * @throws VerificationError CRYPTO_KEY_INVALID */
export function ecPublicKey(curve: EcCurve, x: Uint8Array, y: Uint8Array): PublicKey {
  const jwk = { kty: 'EC', crv: curve, x: encodeBase64url(x), y: encodeBase64url(y) };
  return toPublicKey(() => createPublicKey({ key: jwk, format: 'jwk' }));
}

/** DER SubjectPublicKeyInfo. */
export function encodeSpki(key: PublicKey): Uint8Array {
  return new Uint8Array(key.handle.export({ format: 'der', type: 'spki' }));
}

/** SHA-256 of the DER SubjectPublicKeyInfo: the identity of a key, whatever certificate carries it. */
export function spkiDigest(key: PublicKey): Uint8Array {
  return hash('sha256', encodeSpki(key));
}

/** Wraps a handle that node:crypto made (of a certificate, of a private key's public half).
 * @throws VerificationError CRYPTO_KEY_INVALID */
export function publicKeyFromHandle(handle: KeyObject): PublicKey {
  return toPublicKey(() => (handle.type === 'private' ? createPublicKey(handle) : handle));
}

function toPublicKey(load: () => KeyObject): PublicKey {
  let handle: KeyObject;
  try {
    handle = load();
    // The point at infinity loads, and whoever asks for its details ends the whole process (Node.js 20: an assertion in native
    // code). Writing the key out fails in an orderly way.
    handle.export({ format: 'der', type: 'spki' });
  } catch (cause) {
    throw new VerificationError('CRYPTO_KEY_INVALID', 'the public key cannot be read', { cause });
  }
  const details = handle.asymmetricKeyDetails;
  switch (handle.asymmetricKeyType) {
    case 'rsa':
      return { type: 'rsa', bits: details?.modulusLength ?? 0, handle };
    case 'ec': {
      const curve = curveNames[details?.namedCurve ?? ''];
      if (curve === undefined) break;
      const bits = curveSizes[curve] === 66 ? 521 : curveSizes[curve] * 8;
      return { type: 'ec', bits, curve, handle: uncompressed(handle, curve) };
    }
    case 'ed25519':
      return { type: 'ed25519', bits: 256, handle };
    default:
      break;
  }
  throw new VerificationError('CRYPTO_KEY_INVALID', `unsupported key type ${handle.asymmetricKeyType ?? 'unknown'}`);
}

/** The same point written out in full. RFC 5480 (2.2) also allows the compressed form, in which one key would have another SPKI
 * digest, and so another identity. */
function uncompressed(handle: KeyObject, curve: EcCurve): KeyObject {
  const spki = handle.export({ format: 'der', type: 'spki' });
  const isUncompressed =
    spki[spki.length - 2 * curveSizes[curve] - 1] === 0x04 && spki.length > 2 * curveSizes[curve] + 20;
  return isUncompressed ? handle : createPublicKey({ key: handle.export({ format: 'jwk' }), format: 'jwk' });
}
