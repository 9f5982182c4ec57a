// X.509 certificates as facts. A parsed certificate proves nothing: its path does. [RFC5280 §4]
import { MalformedError } from '../error.ts';
import type { PublicKey, SignatureScheme } from '../crypto/index.ts';
import type { LeniencyId } from './leniency.ts';

export interface CertificateExtension {
  readonly oid: string;
  readonly critical: boolean;
  /** DER of the extension's value (the contents of its OCTET STRING). */
  readonly value: Uint8Array;
}

export type KeyUsage =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'cRLSign'
  | 'encipherOnly'
  | 'decipherOnly';

/** The TPM's identity in subjectAltName, as spelled there (`id:49465800`), printable. [TCG-EK §3.2] */
export interface TpmAttributes {
  readonly manufacturer: string;
  readonly model: string;
  readonly version: string;
}

/** What a certificate says. Who wrote it, and whether to believe it, is not known yet. */
export interface Certificate {
  /** The exact bytes of the certificate, without wrapping or padding. */
  readonly der: Uint8Array;
  /** The exact signed bytes. */
  readonly tbs: Uint8Array;
  /** Printable names, most specific part last; empty when the subject is empty. */
  readonly subject: string;
  readonly issuer: string;
  /** DER of the names: what path building compares. */
  readonly subjectDer: Uint8Array;
  readonly issuerDer: Uint8Array;
  /** The serial number's content bytes as they stand, lower-case. */
  readonly serialHex: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DER SubjectPublicKeyInfo; an id-RSAES-OAEP key is re-wrapped as rsaEncryption. */
  readonly spki: Uint8Array;
  /** Undefined when the key is of a type or on a curve that is not supported: such a certificate verifies nothing. */
  readonly publicKey: PublicKey | undefined;
  readonly signatureOid: string;
  /** Undefined when the algorithm is not supported. */
  readonly signatureScheme: SignatureScheme | undefined;
  readonly signature: Uint8Array;
  readonly extensions: readonly CertificateExtension[];
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength: number | undefined } | undefined;
  readonly keyUsage: ReadonlySet<KeyUsage> | undefined;
  /** Object identifiers of the purposes. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly subjectKeyIdHex: string | undefined;
  readonly authorityKeyIdHex: string | undefined;
  readonly tpm: TpmAttributes | undefined;
  readonly leniencies: readonly LeniencyId[];
}

/** Reads one certificate; accepts the wrappings and paddings that NV indices carry, and names each in `leniencies`.
 * @throws MalformedError X509_CERTIFICATE_MALFORMED, X509_CERTIFICATE_IS_ATTRIBUTE, X509_EXTENSION_* */
export function parseCertificate(bytes: Uint8Array): Certificate {
  throw new MalformedError('X509_CERTIFICATE_MALFORMED', `${bytes.length} bytes are not a certificate`);
}
