// The keys that may approve golden measurements, and how each of them signs.
import { encodeBase64url } from '../encoding/index.ts';
import { spkiDigest, type PublicKey, type SignatureScheme } from '../crypto/index.ts';

/** Base64url SHA-256 of the DER SubjectPublicKeyInfo: the `keyid` of an envelope's signature. */
export function signerKeyId(key: PublicKey): string {
  return encodeBase64url(spkiDigest(key));
}

/**
 * The one scheme a signer's key signs under: Ed25519; ECDSA on P-256 with SHA-256 or on P-384 with SHA-384, in DER;
 * RSASSA-PKCS1-v1_5 with SHA-256 from 3072 bits. `undefined` for any other key: it cannot be a signer's.
 */
export function signerScheme(key: PublicKey): SignatureScheme | undefined {
  switch (key.type) {
    case 'ed25519':
      return { kind: 'ed25519' };
    case 'rsa':
      return key.bits >= 3072 ? { kind: 'rsassa', hash: 'sha256' } : undefined;
    case 'ec':
      if (key.curve === 'P-256') return { kind: 'ecdsa', hash: 'sha256', encoding: 'der' };
      return key.curve === 'P-384' ? { kind: 'ecdsa', hash: 'sha384', encoding: 'der' } : undefined;
  }
}
