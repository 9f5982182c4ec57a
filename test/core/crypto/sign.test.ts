import assert from 'node:assert/strict';
import { createSignature } from '../../../src/core/crypto/index.ts';
import { createKeyPair } from './test-keys.ts';

describe('createSignature', () => {
  it('writes ECDSA as r and s of the size of the curve', () => {
    for (const [alg, size] of [
      ['ES256', 64],
      ['ES384', 96],
      ['ES512', 132],
      ['EdDSA', 64],
      ['PS256', 256],
    ] as const) {
      // prettier-ignore
      assert.equal(createSignature(createKeyPair(alg).signing, new Uint8Array()).length, size);
    }
  });

  it('takes a key that does not fit its algorithm for a mistake of the program', () => {
    const { signing } = createKeyPair('ES256');
    assert.throws(() => createSignature({ ...signing, alg: 'EdDSA' }, new Uint8Array()), TypeError);
    assert.throws(() => createSignature({ ...signing, alg: 'RS256' }, new Uint8Array()), TypeError);
    const publicHalf = createKeyPair('ES256').verification.publicKey.handle;
    assert.throws(() => createSignature({ ...signing, privateKey: publicHalf }, new Uint8Array()), TypeError);
  });
});
