// The extensions that certificates of ours carry; their DER comes from @peculiar/x509. [RFC5280 §4.2, TCG-EK §3.2]
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  CRLDistributionPointsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  type Extension,
} from '@peculiar/x509';
import { encodeHex, encodeUnsigned, encodeUtf8 } from '../encoding/index.ts';
import {
  derElement,
  derInteger,
  derOid,
  derSequence,
  extensionOids,
  keyIdentifier,
  purposeOids,
  tags,
  tpmAttributeOids,
  type CertificateExtension,
  type KeyUsage,
  type TpmAttributes,
} from '../x509/index.ts';
import { encodeName } from './create-name.ts';

/** An attestation key's certificate: CA false, digitalSignature critical, EKU 2.23.133.8.3, SAN. */
export interface AkExtensionOptions {
  /** DER SubjectPublicKeyInfo of the issuing authority's key. */
  readonly issuerSpki: Uint8Array;
  /** The issuer's subject key identifier, where its certificate has another than ours would be. */
  readonly issuerKeyId?: Uint8Array | undefined;
  /** Copied from the EK certificate. */
  readonly tpm?: TpmAttributes | undefined;
  /** A name for the host, as a URI in subjectAltName. */
  readonly uri?: string | undefined;
  /** Then subjectAltName is critical, which readers without TCG names refuse. False unless said otherwise. */
  readonly subjectEmpty?: boolean;
  readonly crlUrl?: string | undefined;
}

/** An endorsement key's certificate: CA false, keyEncipherment (RSA) or keyAgreement (EC), EKU 2.23.133.8.1, SAN. */
export interface EkExtensionOptions {
  readonly issuerSpki: Uint8Array;
  readonly keyType: 'rsa' | 'ec';
  readonly tpm: TpmAttributes;
  /** Then subjectAltName is critical. True unless said otherwise. */
  readonly subjectEmpty?: boolean;
}

/** A certification authority's certificate: CA true, keyCertSign and cRLSign critical, SKI, AKI. */
export interface CaExtensionOptions {
  readonly spki: Uint8Array;
  readonly issuerSpki: Uint8Array;
  readonly pathLength?: number | undefined;
}

/** The extensions of an attestation key's certificate: no CA, digitalSignature; names the TPM and the host where they are known.
 * [TCG-IDEVID] */
export function createAkExtensions(options: AkExtensionOptions): readonly CertificateExtension[] {
  const names = [
    ...(options.tpm === undefined ? [] : [directoryName(options.tpm)]),
    ...(options.uri === undefined ? [] : [derElement(0x86, encodeUtf8(options.uri))]),
  ];
  return [
    createBasicConstraints({ ca: false }),
    createKeyUsage('digitalSignature'),
    createExtendedKeyUsage(purposeOids.attestationKey),
    createAuthorityKeyIdentifier(options.issuerSpki, options.issuerKeyId),
    ...(names.length === 0 ? [] : [createSubjectAltName(names, options.subjectEmpty ?? false)]),
    ...(options.crlUrl === undefined ? [] : [fromLibrary(new CRLDistributionPointsExtension([options.crlUrl]))]),
  ];
}

/** The extensions of an endorsement key's certificate, as makers of TPMs write it: no CA, keyEncipherment or keyAgreement, names the TPM.
 * [TCG-EK §3.2] */
export function createEkExtensions(options: EkExtensionOptions): readonly CertificateExtension[] {
  return [
    createBasicConstraints({ ca: false }),
    createKeyUsage(options.keyType === 'rsa' ? 'keyEncipherment' : 'keyAgreement'),
    createExtendedKeyUsage(purposeOids.endorsementKey),
    createAuthorityKeyIdentifier(options.issuerSpki),
    createSubjectAltName([directoryName(options.tpm)], options.subjectEmpty ?? true),
    createTpmSpecification(),
  ];
}

/** The extensions of an authority's certificate: it signs certificates and revocation lists. [RFC5280 §4.2.1.3, §4.2.1.9] */
export function createCaExtensions(options: CaExtensionOptions): readonly CertificateExtension[] {
  return [
    createBasicConstraints({ ca: true, pathLength: options.pathLength }),
    createKeyUsage('keyCertSign', 'cRLSign'),
    createSubjectKeyIdentifier(options.spki),
    createAuthorityKeyIdentifier(options.issuerSpki),
  ];
}

function createBasicConstraints({
  ca,
  pathLength,
}: {
  readonly ca: boolean;
  readonly pathLength?: number | undefined;
}): CertificateExtension {
  return fromLibrary(new BasicConstraintsExtension(ca, pathLength, true));
}

/** Critical. [RFC5280 §4.2.1.3] */
export function createKeyUsage(first: KeyUsage, ...others: readonly KeyUsage[]): CertificateExtension {
  let flags = KeyUsageFlags[first];
  for (const usage of others) flags |= KeyUsageFlags[usage];
  return fromLibrary(new KeyUsagesExtension(flags, true));
}

/** `purposes` are object identifiers. */
export function createExtendedKeyUsage(...purposes: readonly string[]): CertificateExtension {
  return fromLibrary(new ExtendedKeyUsageExtension([...purposes], false));
}

function createSubjectKeyIdentifier(spki: Uint8Array): CertificateExtension {
  return fromLibrary(new SubjectKeyIdentifierExtension(encodeHex(keyIdentifier(spki)), false));
}

/** `issuerKeyId`, or else the identifier that follows from the issuer's key. Not critical. [RFC5280 §4.2.1.1] */
export function createAuthorityKeyIdentifier(issuerSpki: Uint8Array, issuerKeyId?: Uint8Array): CertificateExtension {
  const keyId = issuerKeyId ?? keyIdentifier(issuerSpki);
  return fromLibrary(new AuthorityKeyIdentifierExtension(encodeHex(keyId), false));
}

/** subjectAltName of these GeneralName elements. */
function createSubjectAltName(names: readonly Uint8Array[], critical: boolean): CertificateExtension {
  return { oid: extensionOids.subjectAltName, critical, value: derSequence(...names) };
}

/** The TPM's attributes as a directory name of three parts. */
function directoryName(tpm: TpmAttributes): Uint8Array {
  const parts = [
    { type: tpmAttributeOids.manufacturer, value: tpm.manufacturer },
    { type: tpmAttributeOids.model, value: tpm.model },
    { type: tpmAttributeOids.version, value: tpm.version },
  ];
  return derElement(0xa4, encodeName(parts.filter(({ value }) => value !== '')));
}

/** subjectDirectoryAttributes: TPM specification family "2.0", level 0, revision 164. */
function createTpmSpecification(): CertificateExtension {
  const specification = derSequence(
    derElement(tags.utf8String, encodeUtf8('2.0')),
    derInteger(Uint8Array.of(0)),
    derInteger(encodeUnsigned(164, 1)),
  );
  const attribute = derSequence(derOid(tpmAttributeOids.specification), derElement(tags.set, specification));
  return { oid: extensionOids.subjectDirectoryAttributes, critical: false, value: derSequence(attribute) };
}

function fromLibrary(extension: Extension): CertificateExtension {
  return { oid: extension.type, critical: extension.critical, value: new Uint8Array(extension.value) };
}
