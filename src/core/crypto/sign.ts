// Signatures of our own. The private key is a handle: it may be a file's, and it is never exported here.
import { constants, sign, type KeyObject } from 'node:crypto';
import { signingAlgorithms, type SigningAlgorithm } from './signing-algorithm.ts';

export type PrivateKeyHandle = KeyObject;

/** A private key with the one algorithm it signs with. */
export interface SigningKey {
  readonly privateKey: PrivateKeyHandle;
  readonly alg: SigningAlgorithm;
  readonly kid: string;
}

/** Signature over `message`: ECDSA as r||s, PSS with a salt as long as the hash. OpenSSL draws ECDSA's and PSS's own
 * randomness, so equal messages have different signatures.
 * @throws TypeError when the key does not fit its algorithm */
export function createSignature({ privateKey, alg }: SigningKey, message: Uint8Array): Uint8Array {
  const { scheme, keyType } = signingAlgorithms[alg];
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== keyType) {
    throw new TypeError(`the private key does not fit ${alg}`);
  }
  switch (scheme.kind) {
    case 'ecdsa':
      return new Uint8Array(sign(scheme.hash, message, { key: privateKey, dsaEncoding: scheme.encoding }));
    case 'rsapss': {
      const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
      return new Uint8Array(sign(scheme.hash, message, { key: privateKey, ...padding }));
    }
    case 'rsassa':
      return new Uint8Array(sign(scheme.hash, message, privateKey));
    case 'ed25519':
      return new Uint8Array(sign(null, message, privateKey));
  }
}
