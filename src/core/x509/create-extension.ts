// The extensions that certificates of ours carry. [RFC5280 §4.2, TCG-EK §3.2]
import type { CertificateExtension, KeyUsage, TpmAttributes } from './certificate.ts';

const none: CertificateExtension = { oid: '', critical: false, value: new Uint8Array() };

/** An attestation key's certificate: CA false, digitalSignature critical, EKU 2.23.133.8.3, SAN. */
export interface AkExtensionOptions {
  /** DER SubjectPublicKeyInfo of the issuing CA's key. */
  readonly issuerSpki: Uint8Array;
  readonly tpm?: TpmAttributes | undefined;
  /** A name for the host, as a URI in subjectAltName. */
  readonly uri?: string;
  readonly crlUrl?: string;
}

/** An endorsement key's certificate: CA false, keyEncipherment (RSA) or keyAgreement (EC), EKU 2.23.133.8.1, SAN. */
export interface EkExtensionOptions {
  readonly issuerSpki: Uint8Array;
  readonly keyType: 'rsa' | 'ec';
  readonly tpm: TpmAttributes;
  readonly subjectEmpty?: boolean;
}

/** A certification authority's certificate: CA true, keyCertSign and cRLSign critical, SKI, AKI. */
export interface CaExtensionOptions {
  readonly spki: Uint8Array;
  readonly issuerSpki: Uint8Array;
  readonly pathLength?: number | undefined;
}

export function createAkExtensions(options: AkExtensionOptions): readonly CertificateExtension[] {
  return [{ ...none, value: options.issuerSpki }];
}

export function createEkExtensions(options: EkExtensionOptions): readonly CertificateExtension[] {
  return [{ ...none, value: options.issuerSpki }];
}

export function createCaExtensions(options: CaExtensionOptions): readonly CertificateExtension[] {
  return [{ ...none, value: options.spki }];
}

export function createKeyUsage(...usages: readonly KeyUsage[]): CertificateExtension {
  return { ...none, oid: usages.join() };
}
