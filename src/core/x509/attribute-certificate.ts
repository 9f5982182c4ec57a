// X.509 attribute certificates as facts: what a maker of machines says of one machine. A parsed one proves nothing. [RFC5755 §4.1]
import type { HashAlgorithm, SignatureScheme } from '../crypto/index.ts';
import type { Certificate, CertificateExtension } from './certificate.ts';

/** Whom an attribute certificate is about. Every member that is present must hold. */
export interface Holder {
  /** A certificate by issuer (folded, as `Certificate.issuerKey`) and serial number (content bytes). */
  readonly certificate: { readonly issuerKey: string; readonly serialHex: string } | undefined;
  /** The folded name of its subject. */
  readonly nameKey: string | undefined;
  readonly digest:
    | {
        readonly of: 'public-key' | 'certificate';
        /** Undefined when the algorithm is not supported: nothing then fits. */
        readonly algorithm: HashAlgorithm | undefined;
        readonly value: Uint8Array;
      }
    | undefined;
}

/** One part of a machine, as its maker lists it. Printable. */
export interface PlatformComponent {
  /** Registry and class of the component, hexadecimal; undefined in the first form of the list. */
  readonly classHex: string | undefined;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string | undefined;
  readonly revision: string | undefined;
  readonly fieldReplaceable: boolean | undefined;
}

/** What a maker says of a machine. Nothing of it is measured: parts may have been exchanged since. Printable. [TCG-PLATFORM §3.1] */
export interface PlatformFacts {
  readonly manufacturer: string;
  readonly model: string;
  readonly version: string;
  readonly serial: string | undefined;
  readonly components: readonly PlatformComponent[];
}

export interface AttributeCertificate {
  readonly der: Uint8Array;
  /** The exact signed bytes. */
  readonly tbs: Uint8Array;
  readonly holder: Holder;
  readonly issuer: string;
  readonly issuerKey: string;
  readonly issuerDer: Uint8Array;
  readonly serialHex: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly CertificateExtension[];
  readonly authorityKeyIdHex: string | undefined;
  readonly authoritySerialHex: Certificate['authoritySerialHex'];
  readonly signatureOid: string;
  /** Undefined when the algorithm is not supported. */
  readonly signatureScheme: SignatureScheme | undefined;
  readonly signature: Uint8Array;
  /** Object identifiers of the kinds of certificate that it says it is. */
  readonly kinds: readonly string[];
  /** Undefined when it does not name manufacturer and model of a machine. */
  readonly platform: PlatformFacts | undefined;
}
