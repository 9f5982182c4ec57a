// Certificates of ours, encoded deterministically: same arguments, same bytes. Time and randomness are arguments.
import type { CertificateExtension } from './certificate.ts';

/** One name part each, in the order given. `type` is CN, O, OU, C, L, ST, serialNumber, or an object identifier. */
export type DistinguishedName = readonly { readonly type: string; readonly value: string }[];

export type CertificateAlgorithm =
  | 'ecdsa-sha256'
  | 'ecdsa-sha384'
  | 'ecdsa-sha512'
  | 'rsassa-sha256'
  | 'rsassa-sha384'
  | 'rsassa-sha512'
  | 'rsassa-sha1'
  | 'ed25519';

/** How something is signed: ECDSA signatures are DER, RSA and Ed25519 raw. */
export interface IssuerSignature {
  readonly algorithm: CertificateAlgorithm;
  readonly sign: (tbs: Uint8Array) => Uint8Array;
}

export interface CertificateTemplate extends IssuerSignature {
  /** Big-endian magnitude, 1 to 20 bytes, chosen by the caller (from a CSPRNG). */
  readonly serial: Uint8Array;
  /** Empty array: empty subject. DER bytes: a name copied from another certificate. */
  readonly subject: DistinguishedName | Uint8Array;
  readonly issuer: DistinguishedName | Uint8Array;
  readonly validity: { readonly notBefore: Date; readonly notAfter: Date };
  readonly spki: Uint8Array;
  readonly extensions: readonly CertificateExtension[];
}

/** DER of a signed certificate. */
export function createCertificate(template: CertificateTemplate): Uint8Array {
  return template.sign(template.spki);
}
