// Private keys of paper TPMs and of the simulator's own authority. P-256 keys come from the seed; RSA keys are random,
// because node:crypto cannot be told which primes to use.
import { createECDH, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { encodeBase64url, encodeUnsigned } from '../core/encoding/index.ts';
import { encodeSpki, publicKeyFromHandle } from '../core/crypto/index.ts';
import { seededBytes } from './seed.ts';

export type PaperKeyType = 'ecc' | 'rsa';

export interface PaperKey {
  readonly type: PaperKeyType;
  readonly privateKey: KeyObject;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** RSA: the modulus (256 bytes). ECC P-256: x and y (32 bytes each). */
  readonly unique: { readonly modulus: Uint8Array } | { readonly x: Uint8Array; readonly y: Uint8Array };
}

const orderOfP256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export function createPaperKey(type: PaperKeyType, seed: string, label: string): PaperKey {
  return type === 'ecc' ? createEccKey(seed, label) : createRsaKey();
}

/** ECDSA (DER) or RSASSA over SHA-256. */
export function signSha256(key: PaperKey, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign('sha256', message, key.privateKey));
}

/** As a TPM returns it: RSASSA bytes, or r and s of 32 bytes each. */
export function signAsTpm(key: PaperKey, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign('sha256', message, { key: key.privateKey, dsaEncoding: 'ieee-p1363' }));
}

function createEccKey(seed: string, label: string): PaperKey {
  const wide = seededBytes(seed, label, 40).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const secret = encodeUnsigned((wide % (orderOfP256 - 1n)) + 1n, 32);
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  const point = new Uint8Array(curve.getPublicKey());
  const unique = { x: point.slice(1, 33), y: point.slice(33, 65) };
  const jwk = { kty: 'EC', crv: 'P-256', d: encodeBase64url(secret) };
  const coordinates = { x: encodeBase64url(unique.x), y: encodeBase64url(unique.y) };
  const privateKey = createPrivateKey({ key: { ...jwk, ...coordinates }, format: 'jwk' });
  return { type: 'ecc', privateKey, spki: spkiOf(privateKey), unique };
}

function createRsaKey(): PaperKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n } = createPublicKey(privateKey).export({ format: 'jwk' });
  const modulus = new Uint8Array(Buffer.from(n ?? '', 'base64url'));
  return { type: 'rsa', privateKey, spki: spkiOf(privateKey), unique: { modulus } };
}

function spkiOf(privateKey: KeyObject): Uint8Array {
  return encodeSpki(publicKeyFromHandle(privateKey));
}
