// Signature verification over exact bytes. Malformed signatures are simply not valid: nothing here throws for them.
import { constants, createVerify, verify } from 'node:crypto';
import type { HashAlgorithm } from './hash.ts';
import type { PublicKey } from './key.ts';

/** How a signature was made. ECDSA signatures come as r||s (IEEE P1363) or as DER. */
export type SignatureScheme =
  | { readonly kind: 'rsassa'; readonly hash: HashAlgorithm }
  | { readonly kind: 'rsapss'; readonly hash: HashAlgorithm }
  | { readonly kind: 'ecdsa'; readonly hash: HashAlgorithm; readonly encoding: 'ieee-p1363' | 'der' }
  | { readonly kind: 'ed25519' };

const keyTypeOf = { rsassa: 'rsa', rsapss: 'rsa', ecdsa: 'ec', ed25519: 'ed25519' } as const;

/** True only when `signature` is a valid signature of `message` by `key` under `scheme`. A key of another type is not. */
export function verifySignature(
  key: PublicKey,
  scheme: SignatureScheme,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.type !== keyTypeOf[scheme.kind]) return false;
  try {
    switch (scheme.kind) {
      case 'rsassa':
        // Not `verify`: that sets a signature up by more steps, 0.5 us of 21. docs/performance.md
        return createVerify(scheme.hash).update(message).verify(key.handle, signature);
      case 'rsapss': {
        // A TPM salts with as many bytes as the hash has (reference code), or as fit (older firmware): detected, never assumed.
        const options = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
        return verify(scheme.hash, message, { key: key.handle, ...options }, signature);
      }
      case 'ecdsa':
        return verify(scheme.hash, message, { key: key.handle, dsaEncoding: scheme.encoding }, signature);
      case 'ed25519':
        return verify(null, message, key.handle, signature);
    }
  } catch {
    return false;
  }
}
