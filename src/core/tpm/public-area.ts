// TPMT_PUBLIC as values: what a key is, who may use it and how. [TPM2-P2 §12.2]
import type { EcCurve, HashAlgorithm, PublicKey } from '../crypto/index.ts';

/** TPMT_SYM_DEF_OBJECT other than TPM_ALG_NULL. */
export interface SymmetricDefinition {
  readonly alg: 'aes' | 'sm4' | 'camellia';
  readonly keyBits: number;
  readonly mode: 'ctr' | 'ofb' | 'cbc' | 'cfb' | 'ecb';
}

/** TPMT_RSA_SCHEME or TPMT_ECC_SCHEME other than TPM_ALG_NULL. */
export type KeyScheme =
  | {
      readonly kind: 'rsassa' | 'rsapss' | 'oaep' | 'ecdsa' | 'ecdh' | 'sm2' | 'ecschnorr';
      readonly hash: HashAlgorithm;
    }
  | { readonly kind: 'ecdaa'; readonly hash: HashAlgorithm; readonly count: number }
  | { readonly kind: 'rsaes' };

/** TPMT_KDF_SCHEME other than TPM_ALG_NULL. */
export interface KdfScheme {
  readonly kind: 'kdf1Sp80056a' | 'kdf2' | 'kdf1Sp800108';
  readonly hash: HashAlgorithm;
}

interface PublicAreaBase {
  readonly nameAlg: HashAlgorithm;
  /** TPMA_OBJECT; bits in `attributeBits`. */
  readonly attributes: number;
  readonly authPolicy: Uint8Array;
  readonly symmetric: SymmetricDefinition | undefined;
  readonly scheme: KeyScheme | undefined;
}

export interface RsaPublicArea extends PublicAreaBase {
  readonly type: 'rsa';
  readonly keyBits: number;
  /** As on the wire: 0 stands for 65537. */
  readonly exponent: number;
  /** In a template: empty, or zeros of the key's size. */
  readonly modulus: Uint8Array;
}

export interface EccPublicArea extends PublicAreaBase {
  readonly type: 'ecc';
  readonly curve: EcCurve;
  readonly kdf: KdfScheme | undefined;
  /** As on the wire: some TPMs strip leading zeros. */
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

/** Everything a TPMT_PUBLIC says: of a key, or of a template to create one from. */
export type PublicArea = RsaPublicArea | EccPublicArea;

/** The public area of an existing key. Claims until a key's role is verified (`verifyAttestationKey`). */
export type TpmPublic = PublicArea & {
  readonly publicKey: PublicKey;
  /** The TPMT_PUBLIC bytes, which the name is made of. */
  readonly bytes: Uint8Array;
};
