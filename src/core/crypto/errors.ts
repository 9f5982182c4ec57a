import type { ErrorTable } from '../error-table.ts';

export const cryptoErrors = {
  CRYPTO_KEY_INVALID: {
    cause: 'A public key could not be read: wrong encoding, a point off its curve, or an algorithm that is not supported.',
    remedy: 'Use RSA of 2048 bits or more, or ECDSA on P-256, P-384 or P-521, encoded as the field requires.',
  },
  CRYPTO_HASH_UNSUPPORTED: {
    cause: 'A hash algorithm is not one of sha1, sha256, sha384, sha512.',
    remedy: 'Use SHA-256 or stronger.',
  },
} as const satisfies ErrorTable;
