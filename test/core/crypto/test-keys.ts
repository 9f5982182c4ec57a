// Signing keys, made when the tests run.
import { generateKeyPairSync } from 'node:crypto';
import {
  publicKeyFromHandle,
  thumbprintOf,
  type SigningAlgorithm,
  type SigningKey,
  type VerificationKey,
} from '../../../src/core/crypto/index.ts';

export interface TestKeyPair {
  readonly signing: SigningKey;
  readonly verification: VerificationKey;
}

const generate = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const satisfies Record<SigningAlgorithm, unknown>;

export function createKeyPair(alg: SigningAlgorithm, name?: string): TestKeyPair {
  const pair = generate[alg]();
  const publicKey = publicKeyFromHandle(pair.publicKey);
  const kid = name ?? thumbprintOf(publicKey);
  return { signing: { privateKey: pair.privateKey, alg, kid }, verification: { publicKey, alg, kid } };
}

export const everyAlgorithm: readonly SigningAlgorithm[] = Object.keys(generate) as SigningAlgorithm[];
