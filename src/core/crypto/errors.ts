// Failures of keys and signatures.
import type { ErrorTable } from '../error-table.ts';

export const cryptoErrors = {
  CRYPTO_KEY_INVALID: {
    cause:
      'A public key could not be read: wrong encoding, a point off its curve, or an algorithm that is not supported.',
    remedy: 'Use RSA of 2048 bits or more, or ECDSA on P-256, P-384 or P-521, encoded as the field requires.',
  },
  CRYPTO_KEY_UNSUITABLE: {
    cause: 'A key does not fit the algorithm it should be used with, or is an RSA key of less than 2048 bits.',
    remedy:
      'Use P-256 with ES256, P-384 with ES384, P-521 with ES512, Ed25519 with EdDSA, or RSA of 2048 bits and more.',
  },
  CRYPTO_JWK_INVALID: {
    cause:
      'A JSON Web Key or key set cannot be used: a member is missing, secret, of the wrong length, of a kind that is not supported, or a key id occurs twice.',
    remedy: 'Publish public signature keys only (kty, crv, x, y or n, e; kid; alg; use: sig), each under its own kid.',
  },
  CRYPTO_COSE_ALGORITHM: {
    cause: 'The protected headers of a COSE_Sign1 name no algorithm, or another than the one the key is for.',
    remedy: "Sign with the key's own algorithm, and put it in the protected headers.",
  },
  CRYPTO_COSE_CRITICAL: {
    cause: 'A COSE_Sign1 demands that a header be understood which is not understood here.',
    remedy: 'Sign without that header in crit.',
  },
  CRYPTO_COSE_PAYLOAD: {
    cause: 'A COSE_Sign1 has no payload, or one inside and one beside it.',
    remedy: 'Send the payload once.',
  },
  CRYPTO_COSE_SIGNATURE: {
    cause:
      'The signature of a COSE_Sign1 is not valid under the key: the content was changed or another key signed it.',
    remedy: "Check that the signer's current public key is registered, then sign again.",
  },
} as const satisfies ErrorTable;
