// Public keys as opaque handles: built from SPKI or from coordinates, compared by their SPKI digest.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { VerificationError } from '../error.ts';
import { bytesEqual, concatBytes, decodeBase64url, decodeHex, encodeBase64url } from '../encoding/index.ts';
import { hash } from './hash.ts';

export type EcCurve = 'P-256' | 'P-384' | 'P-521';

/** Field sizes in bytes. */
export const curveSizes: Readonly<Record<EcCurve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

const ecCurves = ['P-256', 'P-384', 'P-521'] as const;
const curveNames: Readonly<Record<string, EcCurve>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** SubjectPublicKeyInfo of an uncompressed point (0x04 || x || y), up to its coordinates. [RFC5480 §2] */
const spkiHeads: Readonly<Record<EcCurve, Uint8Array>> = {
  'P-256': decodeHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004'),
  'P-384': decodeHex('3076301006072a8648ce3d020106052b8104002203620004'),
  'P-521': decodeHex('30819b301006072a8648ce3d020106052b810400230381860004'),
};

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
  const load = (): KeyObject => createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const curve = curveOf(spki);
  return curve === undefined ? toPublicKey(load) : ecKey(curve, load);
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
  return ecKey(curve, () => createPublicKey({ key: jwk, format: 'jwk' }));
}

/** DER SubjectPublicKeyInfo, of an EC key with its point uncompressed: the compressed form, which is allowed too, would give the same key
 * another digest, and so another identity. [RFC5480 §2.2] */
export function encodeSpki({ curve, handle }: PublicKey): Uint8Array {
  if (curve === undefined) return new Uint8Array(handle.export({ format: 'der', type: 'spki' }));
  // OpenSSL takes longer to write this form than to verify a signature of P-256; for the coordinates alone it takes a twentieth.
  const { x = '', y = '' } = handle.export({ format: 'jwk' });
  return concatBytes(spkiHeads[curve], decodeBase64url(x), decodeBase64url(y));
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
  const handle = orInvalid(load);
  switch (handle.asymmetricKeyType) {
    case 'rsa':
      return { type: 'rsa', bits: handle.asymmetricKeyDetails?.modulusLength ?? 0, handle };
    case 'ec':
      return ecKeyInAnyForm(handle);
    case 'ed25519':
      return { type: 'ed25519', bits: 256, handle };
    default:
      throw new VerificationError(
        'CRYPTO_KEY_INVALID',
        `unsupported key type ${handle.asymmetricKeyType ?? 'unknown'}`,
      );
  }
}

/** An EC key that OpenSSL loaded from any encoding: the point may have been compressed, or be the point at infinity. */
function ecKeyInAnyForm(handle: KeyObject): PublicKey {
  // The point at infinity loads, and whoever asks for its details ends the whole process (Node.js 20: an assertion in native
  // code). Writing the key out fails in an orderly way.
  const spki = orInvalid(() => handle.export({ format: 'der', type: 'spki' }));
  const curve = curveNames[handle.asymmetricKeyDetails?.namedCurve ?? ''];
  if (curve === undefined) throw new VerificationError('CRYPTO_KEY_INVALID', 'unsupported curve');
  if (curveOf(spki) === curve) return ecKey(curve, () => handle);
  return ecKey(curve, () => createPublicKey({ key: handle.export({ format: 'jwk' }), format: 'jwk' }));
}

/** The curve of an SPKI whose point is uncompressed; undefined for every other SPKI. The point at infinity has no uncompressed form. */
function curveOf(spki: Uint8Array): EcCurve | undefined {
  return ecCurves.find((curve) => {
    const head = spkiHeads[curve];
    return spki.length === head.length + 2 * curveSizes[curve] && bytesEqual(spki.subarray(0, head.length), head);
  });
}

/** `load` must give a point on the curve that is not the one at infinity. */
function ecKey(curve: EcCurve, load: () => KeyObject): PublicKey {
  const bits = curve === 'P-521' ? 521 : curveSizes[curve] * 8;
  return { type: 'ec', bits, curve, handle: orInvalid(load) };
}

function orInvalid<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new VerificationError('CRYPTO_KEY_INVALID', 'the public key cannot be read', { cause });
  }
}
