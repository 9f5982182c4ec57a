import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import {
  algorithmFor,
  checkSuitable,
  isSigningAlgorithm,
  publicKeyFromHandle,
} from '../../../src/core/crypto/index.ts';
import { createKeyPair, everyAlgorithm } from './test-keys.ts';

const unsuitable = { code: 'CRYPTO_KEY_UNSUITABLE' };

describe('signing algorithms', () => {
  it('are asymmetric only', () => {
    for (const alg of everyAlgorithm) assert.equal(isSigningAlgorithm(alg), true);
    for (const name of ['none', 'HS256', 'HS512', 'es256', 'ES256K', 'RSA1_5', 'constructor', '', undefined, 1]) {
      assert.equal(isSigningAlgorithm(name), false, String(name));
    }
  });

  it('fit one kind of key each', () => {
    const keys = everyAlgorithm.map((alg) => [alg, createKeyPair(alg).verification.publicKey] as const);
    for (const [alg, key] of keys) {
      for (const other of everyAlgorithm) {
        const fits =
          alg === other || (alg.endsWith('S256') && other.endsWith('S256') && alg !== 'ES256' && other !== 'ES256');
        if (fits) checkSuitable(key, other);
        else assert.throws(() => checkSuitable(key, other), unsuitable, `${alg} key with ${other}`);
      }
    }
  });

  it('follow from the key, except for RSA, which must be named', () => {
    for (const alg of ['ES256', 'ES384', 'ES512', 'EdDSA'] as const) {
      const key = createKeyPair(alg).verification.publicKey;
      assert.equal(algorithmFor(key), alg);
      assert.equal(algorithmFor(key, alg), alg);
      assert.throws(() => algorithmFor(key, 'RS256'), unsuitable);
    }
    const rsa = createKeyPair('RS256').verification.publicKey;
    assert.throws(() => algorithmFor(rsa), unsuitable);
    assert.equal(algorithmFor(rsa, 'PS256'), 'PS256');
  });

  it('refuse RSA keys of less than 2048 bits', () => {
    const weak = publicKeyFromHandle(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
    assert.throws(() => checkSuitable(weak, 'RS256'), unsuitable);
    assert.throws(() => algorithmFor(weak, 'PS256'), unsuitable);
  });
});
