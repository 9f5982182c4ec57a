// The only door to node:crypto: digests, keys, signatures, ciphers.
export * from './hash.ts';
export * from './key.ts';
export * from './signature.ts';
export * from './signature-of-digest.ts';
export * from './aes-cfb.ts';
export * from './ecdh.ts';
export * from './rsa.ts';
export * from './roca.ts';
export {
  algorithmFor,
  checkSuitable,
  isSigningAlgorithm,
  signingAlgorithms,
  type SigningAlgorithm,
  type VerificationKey,
} from './signing-algorithm.ts';
export { createSignature, type PrivateKeyHandle, type SigningKey } from './sign.ts';
export { createCoseSign1, verifyCoseSign1, type CoseVerification, type VerifiedCoseSign1 } from './cose-sign1.ts';
export { coseKeyOf } from './cose-key.ts';
export { jwkOf, parseJwk, parseJwks, thumbprintOf } from './jwk.ts';
