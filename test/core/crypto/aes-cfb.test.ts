import assert from 'node:assert/strict';
import { decryptAesCfb, encryptAesCfb } from '../../../src/core/crypto/index.ts';
import { decodeHex, encodeHex } from '../../../src/core/encoding/index.ts';

describe('AES-CFB', () => {
  it('begins with the encryption of the zero IV, so a plaintext of zeros shows it', () => {
    // FIPS 197 tables: AES of the zero block under the zero key.
    const answers = { 16: '66e94bd4ef8a2c3b884cfa59ca342b2e', 32: 'dc95c078a2408989ad48a21492842087' };
    for (const [size, answer] of Object.entries(answers)) {
      assert.equal(encodeHex(encryptAesCfb(new Uint8Array(Number(size)), new Uint8Array(16))), answer);
    }
  });

  it('decrypts what it encrypted, of any length', () => {
    const key = decodeHex('000102030405060708090a0b0c0d0e0f');
    for (const length of [0, 1, 15, 16, 17, 100]) {
      const plaintext = new Uint8Array(length).fill(length);
      const ciphertext = encryptAesCfb(key, plaintext);
      assert.equal(ciphertext.length, length);
      assert.deepEqual(decryptAesCfb(key, ciphertext), plaintext);
    }
  });
});
