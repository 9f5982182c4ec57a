// X.509 certificates as facts. A parsed certificate proves nothing: its path does. [RFC5280 §4]
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

/** The TPM's identity in subjectAltName, as spelled there (`id:49465800`), printable. What is missing beside the
 * manufacturer is the empty string. [TCG-EK §3.2] */
export interface TpmAttributes {
  readonly manufacturer: string;
  readonly model: string;
  readonly version: string;
}

/** HardwareModuleName of a device identity. [RFC4108 §5] */
export interface HardwareModule {
  readonly typeOid: string;
  readonly serial: Uint8Array;
}

/** What a certificate says. Who wrote it, and whether to believe it, is not known yet. */
export interface Certificate {
  /** The exact bytes of the certificate, without wrapping or padding. */
  readonly der: Uint8Array;
  /** The exact signed bytes. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** Printable names, parts in the order they stand; empty when the subject is empty. */
  readonly subject: string;
  readonly issuer: string;
  /** Exact DER of the names. */
  readonly subjectDer: Uint8Array;
  readonly issuerDer: Uint8Array;
  /** Names folded for finding issuers: equal when they differ only in string type, case and white space. */
  readonly subjectKey: string;
  readonly issuerKey: string;
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
  readonly authoritySerialHex: string | undefined;
  readonly tpm: TpmAttributes | undefined;
  readonly hardwareModule: HardwareModule | undefined;
  readonly leniencies: readonly LeniencyId[];
}
