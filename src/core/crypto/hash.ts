// Digests. The only door to node:crypto is this room.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The hash algorithms a bank, a signature or a log may use. Anything else is named by number and never trusted. */
export type HashAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Digest sizes in bytes. */
export const digestSizes: Readonly<Record<HashAlgorithm, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** A digest never travels without the algorithm that made it. */
export interface Digest {
  readonly alg: HashAlgorithm;
  readonly value: Uint8Array;
}

export function isHashAlgorithm(name: string): name is HashAlgorithm {
  return Object.hasOwn(digestSizes, name);
}

/** H(part || part || ...). */
export function hash(alg: HashAlgorithm, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHash(alg);
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}

/** SM3 [SM3], 32 bytes: to show what a bank of that algorithm leads to. No verdict rests on it, and no name of an algorithm
 * that a signature or a policy may use leads here. */
export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHash('sm3');
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}

export function hmac(alg: HashAlgorithm, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHmac(alg, key);
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}

/** Constant-time equality of secrets, nonces and digests. Different lengths are different. */
export function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Same algorithm and same value. */
export function digestsEqual(left: Digest, right: Digest): boolean {
  return left.alg === right.alg && equalInConstantTime(left.value, right.value);
}
