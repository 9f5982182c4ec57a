import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  createSignature,
  publicKeyFromHandle,
  signingAlgorithms,
  verifySignature,
  type SignatureScheme,
} from '../../../src/core/crypto/index.ts';
import { createKeyPair, everyAlgorithm } from './test-keys.ts';

const message = encodeUtf8('measured');

describe('verifySignature', () => {
  for (const alg of everyAlgorithm) {
    it(`accepts what createSignature made with ${alg}, and no flipped byte of it`, () => {
      const { signing, verification } = createKeyPair(alg);
      const { scheme } = signingAlgorithms[alg];
      const signature = createSignature(signing, message);
      assert.equal(verifySignature(verification.publicKey, scheme, message, signature), true);
      for (let index = 0; index < signature.length; index += 1) {
        const flipped = Uint8Array.from(signature, (byte, position) => (position === index ? byte ^ 0x01 : byte));
        assert.equal(verifySignature(verification.publicKey, scheme, message, flipped), false, `byte ${index}`);
      }
      for (let index = 0; index < message.length; index += 1) {
        const flipped = Uint8Array.from(message, (byte, position) => (position === index ? byte ^ 0x01 : byte));
        assert.equal(verifySignature(verification.publicKey, scheme, flipped, signature), false, `byte ${index}`);
      }
    });
  }

  it('rejects when there is nothing to verify', () => {
    for (const alg of everyAlgorithm) {
      const { verification } = createKeyPair(alg);
      const { scheme } = signingAlgorithms[alg];
      assert.equal(verifySignature(verification.publicKey, scheme, message, new Uint8Array()), false);
      assert.equal(verifySignature(verification.publicKey, scheme, new Uint8Array(), new Uint8Array(64)), false);
    }
  });

  it('rejects the all-zero ECDSA signature (CVE-2022-21449)', () => {
    const { verification } = createKeyPair('ES256');
    const scheme = signingAlgorithms.ES256.scheme;
    assert.equal(verifySignature(verification.publicKey, scheme, message, new Uint8Array(64)), false);
  });

  it('rejects a key of another type, another scheme and another hash', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = publicKeyFromHandle(rsa.publicKey);
    const signature = new Uint8Array(sign('sha256', message, rsa.privateKey));
    const check = (scheme: SignatureScheme) => verifySignature(key, scheme, message, signature);
    assert.equal(check({ kind: 'rsassa', hash: 'sha256' }), true);
    assert.equal(check({ kind: 'rsassa', hash: 'sha1' }), false);
    assert.equal(check({ kind: 'rsapss', hash: 'sha256' }), false);
    assert.equal(check({ kind: 'ecdsa', hash: 'sha256', encoding: 'der' }), false);
    assert.equal(check({ kind: 'ed25519' }), false);
  });

  it('takes any PSS salt length, as TPMs differ', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = publicKeyFromHandle(rsa.publicKey);
    for (const saltLength of [0, 20, constants.RSA_PSS_SALTLEN_DIGEST, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      const signature = new Uint8Array(sign('sha256', message, { key: rsa.privateKey, padding, saltLength }));
      assert.equal(verifySignature(key, { kind: 'rsapss', hash: 'sha256' }, message, signature), true);
    }
  });

  it('keeps the two encodings of ECDSA apart', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = publicKeyFromHandle(ec.publicKey);
    const der = new Uint8Array(sign('sha256', message, { key: ec.privateKey, dsaEncoding: 'der' }));
    assert.equal(verifySignature(key, { kind: 'ecdsa', hash: 'sha256', encoding: 'der' }, message, der), true);
    assert.equal(verifySignature(key, { kind: 'ecdsa', hash: 'sha256', encoding: 'ieee-p1363' }, message, der), false);
  });
});
