import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';
import { digestSizes, encryptOaep, publicKeyFromHandle, type HashAlgorithm } from '../../../src/core/crypto/index.ts';
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = publicKeyFromHandle(publicKey);
const label = encodeUtf8('IDENTITY\0');

describe('encryptOaep', () => {
  it('makes what OpenSSL decrypts, with every hash and every length of message', () => {
    for (const alg of Object.keys(digestSizes) as HashAlgorithm[]) {
      for (const length of [0, 1, 16, 32, 256 - 2 * digestSizes[alg] - 2]) {
        const message = new Uint8Array(randomBytes(length));
        const seed = new Uint8Array(randomBytes(digestSizes[alg]));
        const sealed = encryptOaep(key, { hash: alg, label, message, seed });
        const padding = constants.RSA_PKCS1_OAEP_PADDING;
        const opened = privateDecrypt({ key: privateKey, padding, oaepHash: alg, oaepLabel: label }, sealed);
        assert.deepEqual(new Uint8Array(opened), message, `${alg} ${length}`);
      }
    }
  });

  it('binds the label, with its terminating zero', () => {
    const input = { hash: 'sha256', label, message: new Uint8Array(32), seed: new Uint8Array(32) } as const;
    const sealed = encryptOaep(key, input);
    const oaep = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    assert.throws(() => privateDecrypt({ ...oaep, oaepLabel: label.subarray(0, -1) }, sealed));
    assert.equal(privateDecrypt({ ...oaep, oaepLabel: label }, sealed).length, 32);
  });

  it('refuses a seed of another size and a message that does not fit, as mistakes of the program', () => {
    const input = { hash: 'sha256', label, message: new Uint8Array(32), seed: new Uint8Array(32) } as const;
    assert.throws(() => encryptOaep(key, { ...input, seed: new Uint8Array(20) }), TypeError);
    assert.throws(() => encryptOaep(key, { ...input, message: new Uint8Array(191) }), TypeError);
  });
});
