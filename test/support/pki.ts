// The test PKI: every key and certificate is made at run time, none is committed. A faulty certificate has one fault, and
// the fault has a name.
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  createAkExtensions,
  createAuthorityKeyIdentifier,
  createCaExtensions,
  createCertificate,
  createEkExtensions,
  createExtendedKeyUsage,
  createKeyUsage,
  encodeName,
  type CertificateAlgorithm,
} from '../../src/core/issuance/index.ts';
import {
  extensionOids,
  parseCertificate,
  parseCrl,
  purposeOids,
  type Certificate,
  type CertificateExtension,
  type CertificateRevocationList,
  type TpmAttributes,
  type TrustAnchor,
} from '../../src/core/x509/index.ts';
import { createCrl } from './create-crl.ts';

export type KeyKind = 'p256' | 'p384' | 'rsa1024' | 'rsa2048' | 'rsa3072' | 'ed25519';

export interface TestKey {
  readonly kind: KeyKind;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly spki: Uint8Array;
}

/** A certificate of the test PKI with everything that is needed to issue more below it. */
export interface TestCertificate {
  readonly key: TestKey;
  readonly der: Uint8Array;
  readonly pem: string;
  readonly certificate: Certificate;
}

export type Fault =
  | 'expired'
  | 'not yet valid'
  | 'CA false'
  | 'no basicConstraints'
  | 'no keyCertSign'
  | 'no cRLSign'
  | 'no keyUsage'
  | 'wrong keyUsage'
  | 'path length 0'
  | 'unknown critical extension'
  | 'duplicate extension'
  | 'name constraints'
  | 'policy constraints'
  | 'SHA-1 signature'
  | 'algorithms differ'
  | 'bad signature'
  | 'wrong purpose'
  | 'no purpose'
  | 'no authorityKeyIdentifier'
  | 'foreign authorityKeyIdentifier'
  | 'subjectAltName not critical'
  | 'no subjectAltName'
  | 'unregistered manufacturer'
  | 'no TPM attributes'
  | 'EK that may sign only'
  | 'EK that is a CA';

/** The date at which everything without a time fault is valid. */
export const pkiDate = new Date('2026-06-01T00:00:00Z');

const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };
const expired = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2021-01-01T00:00:00Z') };
const future = { notBefore: new Date('2030-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };

/** An STMicroelectronics TPM, as its EK certificates spell it. */
export const stTpm: TpmAttributes = { manufacturer: 'id:53544D20', model: 'ST33HTPHAHD8', version: 'id:00010102' };

const keys = new Map<string, TestKey>();
let serialNumber = 0x1000;

/** The test key of this kind and label; made once per run, because RSA keys take long. */
export function testKey(kind: KeyKind, label: string): TestKey {
  const known = keys.get(`${kind} ${label}`);
  if (known !== undefined) return known;
  const key = keyOf(kind, generate(kind));
  keys.set(`${kind} ${label}`, key);
  return key;
}

/** A certified key of which only the public half is known: the EK or AK of a TPM. */
export function publicTestKey(spki: Uint8Array): TestKey {
  const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const kind = publicKey.asymmetricKeyType === 'rsa' ? 'rsa2048' : 'p256';
  return { kind, privateKey: publicKey, publicKey, spki };
}

export interface AuthorityOptions {
  readonly name?: string;
  readonly kind?: KeyKind;
  readonly key?: TestKey;
  readonly pathLength?: number;
  readonly fault?: Fault;
}

/** A self-signed authority. */
export function makeRoot(options: AuthorityOptions = {}): TestCertificate {
  const name = options.name ?? 'Test TPM Root CA';
  const key = options.key ?? testKey(options.kind ?? 'p256', name);
  return issueAuthority(name, key, options, undefined);
}

/** An authority below `issuer`. */
export function makeIntermediate(issuer: TestCertificate, options: AuthorityOptions = {}): TestCertificate {
  const name = options.name ?? 'Test TPM Issuing CA';
  const key = options.key ?? testKey(options.kind ?? 'p256', name);
  return issueAuthority(name, key, options, issuer);
}

export interface EndOptions {
  readonly key?: TestKey;
  readonly kind?: KeyKind;
  readonly label?: string;
  readonly tpm?: TpmAttributes;
  /** Empty unless given. */
  readonly subject?: string;
  readonly fault?: Fault;
}

/** An EK certificate by `issuer`: empty subject, critical subjectAltName. */
export function makeEk(issuer: TestCertificate, options: EndOptions = {}): TestCertificate {
  const key = options.key ?? testKey(options.kind ?? 'p256', options.label ?? 'EK');
  const tpm = options.fault === 'unregistered manufacturer' ? { ...stTpm, manufacturer: 'id:FFFFF1D0' } : options.tpm;
  const keyType = key.kind.startsWith('rsa') ? 'rsa' : 'ec';
  const extensions = createEkExtensions({ issuerSpki: issuer.key.spki, keyType, tpm: tpm ?? stTpm });
  return issueEnd(issuer, key, options, extensions);
}

/** An AK certificate by `issuer`, subject `host-1`. */
export function makeAk(issuer: TestCertificate, options: EndOptions = {}): TestCertificate {
  const key = options.key ?? testKey(options.kind ?? 'p256', options.label ?? 'AK');
  const extensions = createAkExtensions({
    issuerSpki: issuer.key.spki,
    tpm: options.tpm,
    uri: 'urn:touchstone:host-1',
  });
  return issueEnd(issuer, key, { subject: 'host-1', ...options }, extensions);
}

/** The certificate of somebody who signs documents, by `issuer`. */
export function makeDocumentSigner(
  issuer: TestCertificate,
  options: EndOptions & { readonly purpose?: string } = {},
): TestCertificate {
  const key = options.key ?? testKey(options.kind ?? 'p256', options.label ?? 'document signer');
  const extensions = [
    createKeyUsage('digitalSignature'),
    createExtendedKeyUsage(options.purpose ?? purposeOids.codeSigning),
    createAuthorityKeyIdentifier(issuer.key.spki),
  ];
  return issueEnd(issuer, key, { subject: 'Release signing', ...options }, extensions);
}

/** `certificate` as an anchor; a TPM maker's unless said otherwise. */
export function anchorOf(certificate: TestCertificate, options: Partial<TrustAnchor> = {}): TrustAnchor {
  return { name: 'test anchor', certificate: certificate.certificate, scope: 'vendor', ...options };
}

export interface CrlOptions {
  readonly revoked?: readonly TestCertificate[];
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  /** Signs in the issuer's name. */
  readonly forger?: TestKey;
  readonly fault?: 'SHA-1 signature' | 'algorithms differ' | 'no key identifier';
}

/** A revocation list of `issuer`, fresh at `pkiDate`. */
export function makeCrl(issuer: TestCertificate, options: CrlOptions = {}): CertificateRevocationList {
  return parseCrl(encodeCrl(issuer, options));
}

export function encodeCrl(issuer: TestCertificate, options: CrlOptions): Uint8Array {
  const { forger: key = issuer.key, fault } = options;
  const signatureFault = fault === 'SHA-1 signature' ? fault : undefined;
  const der = createCrl({
    issuer: issuer.certificate.subjectDer,
    issuerSpki: issuer.key.spki,
    number: 1,
    thisUpdate: options.thisUpdate ?? new Date('2026-05-25T00:00:00Z'),
    nextUpdate: options.nextUpdate ?? new Date('2026-06-25T00:00:00Z'),
    revoked: (options.revoked ?? []).map(({ certificate }) => ({
      serial: Buffer.from(certificate.serialHex, 'hex'),
      revokedAt: new Date('2026-05-01T00:00:00Z'),
      reason: 1,
    })),
    algorithm: algorithmOf(key, signatureFault),
    sign: signer(key, signatureFault),
    ...(fault === 'no key identifier' ? { alter: hideKeyIdentifier } : {}),
  });
  if (fault === 'algorithms differ') changeOuterAlgorithm(der);
  return der;
}

/** The authority key identifier becomes an extension that nobody knows. */
function hideKeyIdentifier(tbs: Uint8Array): Uint8Array {
  const at = Buffer.from(tbs).indexOf(Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x23]));
  return Uint8Array.from(tbs, (byte, index) => (index === at + 4 ? 0x7d : byte));
}

/** Signs as the holder of `key`: ECDSA as DER. */
export function signer(key: TestKey, fault: Fault | undefined): (tbs: Uint8Array) => Uint8Array {
  const hash = fault === 'SHA-1 signature' ? 'sha1' : key.kind === 'p384' ? 'sha384' : 'sha256';
  return (tbs) => new Uint8Array(sign(key.kind === 'ed25519' ? null : hash, tbs, key.privateKey));
}

export function pemOf(der: Uint8Array, label = 'CERTIFICATE'): string {
  const body = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trim();
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}

function issueAuthority(
  name: string,
  key: TestKey,
  options: AuthorityOptions,
  issuer: TestCertificate | undefined,
): TestCertificate {
  const issuerKey = issuer?.key ?? key;
  const pathLength = options.fault === 'path length 0' ? 0 : options.pathLength;
  const extensions = createCaExtensions({ spki: key.spki, issuerSpki: issuerKey.spki, pathLength });
  const subject = encodeName([
    { type: 'O', value: 'Touchstone tests' },
    { type: 'CN', value: name },
  ]);
  const issuerName = issuer?.certificate.subjectDer ?? subject;
  return issue({ subject, issuerName, issuerKey, key, extensions, fault: options.fault });
}

function issueEnd(
  issuer: TestCertificate,
  key: TestKey,
  options: EndOptions,
  extensions: readonly CertificateExtension[],
): TestCertificate {
  const subject = encodeName(options.subject === undefined ? [] : [{ type: 'CN', value: options.subject }]);
  const issuerName = issuer.certificate.subjectDer;
  return issue({ subject, issuerName, issuerKey: issuer.key, key, extensions, fault: options.fault });
}

interface Issue {
  readonly subject: Uint8Array;
  readonly issuerName: Uint8Array;
  readonly issuerKey: TestKey;
  readonly key: TestKey;
  readonly extensions: readonly CertificateExtension[];
  readonly fault: Fault | undefined;
}

function issue({ subject, issuerName, issuerKey, key, extensions, fault }: Issue): TestCertificate {
  serialNumber += 1;
  const der = createCertificate({
    serial: Uint8Array.of(serialNumber >> 8, serialNumber & 0xff),
    subject,
    issuer: issuerName,
    validity: fault === 'expired' ? expired : fault === 'not yet valid' ? future : validity,
    spki: key.spki,
    extensions: withFault(extensions, fault),
    algorithm: algorithmOf(issuerKey, fault),
    sign: signer(issuerKey, fault),
  });
  if (fault === 'bad signature') der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
  if (fault === 'algorithms differ') changeOuterAlgorithm(der);
  let parsed: Certificate | undefined;
  return {
    key,
    der,
    pem: pemOf(der),
    // Not before it is asked for: some faults make a certificate that cannot be parsed.
    get certificate() {
      return (parsed ??= parseCertificate(der));
    },
  };
}

/** ECDSA-SHA256 beside the signature becomes ECDSA-SHA384: the last byte of its identifier. */
function changeOuterAlgorithm(der: Uint8Array): void {
  const identifier = Buffer.from([0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);
  der[Buffer.from(der).lastIndexOf(identifier) + identifier.length - 1] = 0x03;
}

function withFault(extensions: readonly CertificateExtension[], fault: Fault | undefined): CertificateExtension[] {
  const without = (oid: string) => extensions.filter((extension) => extension.oid !== oid);
  const replaced = (extension: CertificateExtension) => [...without(extension.oid), extension];
  const added = (oid: string, critical: boolean, ...value: number[]) => [
    ...extensions,
    { oid, critical, value: Uint8Array.from(value) },
  ];
  const basic = (...value: number[]) =>
    replaced({ oid: extensionOids.basicConstraints, critical: true, value: Uint8Array.from(value) });
  switch (fault) {
    case 'CA false':
      return basic(0x30, 0x00);
    case 'EK that is a CA':
      return basic(0x30, 0x03, 0x01, 0x01, 0xff);
    case 'no basicConstraints':
      return without(extensionOids.basicConstraints);
    case 'no keyCertSign':
      return replaced(createKeyUsage('cRLSign'));
    case 'no cRLSign':
      return replaced(createKeyUsage('keyCertSign'));
    case 'no keyUsage':
      return without(extensionOids.keyUsage);
    case 'wrong keyUsage':
      return replaced(createKeyUsage('dataEncipherment'));
    case 'EK that may sign only':
      return replaced(createKeyUsage('digitalSignature'));
    case 'unknown critical extension':
      return added('1.3.6.1.4.1.99999.1', true, 0x05, 0x00);
    case 'duplicate extension':
      return [...extensions, ...extensions.slice(0, 1)];
    case 'name constraints':
      // permittedSubtrees { dNSName "example.com" }: nothing in an EK certificate violates it, and it is refused all the same
      return added(
        extensionOids.nameConstraints,
        true,
        ...[0x30, 0x11, 0xa0, 0x0f, 0x30, 0x0d, 0x82, 0x0b],
        ...new TextEncoder().encode('example.com'),
      );
    case 'policy constraints':
      return added(extensionOids.policyConstraints, true, 0x30, 0x03, 0x80, 0x01, 0x00);
    case 'wrong purpose':
      return replaced(createExtendedKeyUsage(purposeOids.clientAuthentication));
    case 'no purpose':
      return without(extensionOids.extendedKeyUsage);
    case 'no authorityKeyIdentifier':
      return without(extensionOids.authorityKeyIdentifier);
    case 'foreign authorityKeyIdentifier':
      return replaced(createAuthorityKeyIdentifier(testKey('p256', 'stranger').spki));
    case 'no subjectAltName':
      return without(extensionOids.subjectAltName);
    case 'subjectAltName not critical':
      return extensions.map((extension) =>
        extension.oid === extensionOids.subjectAltName ? { ...extension, critical: false } : extension,
      );
    case 'no TPM attributes':
      // directoryName { CN = x }
      return replaced({
        oid: extensionOids.subjectAltName,
        critical: true,
        value: Uint8Array.of(0x30, 0x10, 0xa4, 0x0e, ...encodeName([{ type: 'CN', value: 'x' }])),
      });
    default:
      return [...extensions];
  }
}

function algorithmOf({ kind }: TestKey, fault: Fault | undefined): CertificateAlgorithm {
  if (kind === 'ed25519') return 'ed25519';
  if (kind.startsWith('rsa')) return fault === 'SHA-1 signature' ? 'rsassa-sha1' : 'rsassa-sha256';
  return kind === 'p384' ? 'ecdsa-sha384' : 'ecdsa-sha256';
}

function generate(kind: KeyKind): KeyObject {
  switch (kind) {
    case 'p256':
    case 'p384':
      return generateKeyPairSync('ec', { namedCurve: kind === 'p256' ? 'prime256v1' : 'secp384r1' }).privateKey;
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    case 'rsa1024':
    case 'rsa2048':
    case 'rsa3072':
      return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(3)) }).privateKey;
  }
}

function keyOf(kind: KeyKind, privateKey: KeyObject): TestKey {
  const publicKey = createPublicKey(privateKey);
  return { kind, privateKey, publicKey, spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })) };
}
