// AES in CFB mode with 128-bit feedback and a zero IV, as TPM credentials use it: each key encrypts one message.
import { createCipheriv, createDecipheriv } from 'node:crypto';

const zeroIv = new Uint8Array(16);

/** `key` has 16 or 32 bytes. */
export function encryptAesCfb(key: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(cipherName(key), key, zeroIv);
  return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final()]));
}

/** No integrity: verify a MAC over the ciphertext first. */
export function decryptAesCfb(key: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const cipher = createDecipheriv(cipherName(key), key, zeroIv);
  return new Uint8Array(Buffer.concat([cipher.update(ciphertext), cipher.final()]));
}

function cipherName(key: Uint8Array): string {
  return key.length === 32 ? 'aes-256-cfb' : 'aes-128-cfb';
}
