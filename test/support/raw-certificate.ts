// Certificates in shapes that our own writer never makes: every part of one is given as bytes, and signed as it is.
import { sign, type KeyObject, type SignKeyObjectInput } from 'node:crypto';
import { createEkExtensions } from '../../src/core/issuance/index.ts';
import { parseCertificate, type CertificateExtension } from '../../src/core/x509/index.ts';
import { encodeExtensions } from '../../src/core/issuance/create-certificate.ts';
import { derBitString, derElement, derOid, derSequence, derTime } from '../../src/core/x509/der-writer.ts';
import { pemOf, stTpm, testKey, type TestCertificate, type TestKey } from './pki.ts';

export interface RawParts {
  /** Version 1 has no extensions. */
  readonly version: 1 | 3;
  /** Contents of the serial number's INTEGER. */
  readonly serial: Uint8Array;
  /** DER AlgorithmIdentifier, inside and outside of the signed part. */
  readonly algorithm: Uint8Array;
  readonly issuer: Uint8Array;
  readonly notBefore: Uint8Array;
  readonly notAfter: Uint8Array;
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  readonly extensions: readonly CertificateExtension[];
  readonly sign: (tbs: Uint8Array) => Uint8Array;
}

export const ecdsaSha256 = derSequence(derOid('1.2.840.10045.4.3.2'));

/** An EK certificate below `issuer` with parts of it exchanged. */
export function makeRaw(issuer: TestCertificate, changes: Partial<RawParts> = {}): TestCertificate {
  const key = testKey('p256', 'EK');
  const parts: RawParts = {
    version: 3,
    serial: Uint8Array.of(0x21, 0x22),
    algorithm: ecdsaSha256,
    issuer: issuer.certificate.subjectDer,
    notBefore: derTime(new Date('2026-01-01T00:00:00Z')),
    notAfter: derTime(new Date('2036-01-01T00:00:00Z')),
    subject: derSequence(),
    spki: key.spki,
    extensions: ekExtensions(issuer.key),
    sign: (tbs) => signWith(issuer.key.privateKey, 'sha256', tbs),
    ...changes,
  };
  const der = assemble(parts);
  return {
    key,
    der,
    pem: pemOf(der),
    get certificate() {
      return parseCertificate(der);
    },
  };
}

export function ekExtensions(issuer: TestKey): readonly CertificateExtension[] {
  return createEkExtensions({ issuerSpki: issuer.spki, keyType: 'ec', tpm: stTpm });
}

export function signWith(
  key: KeyObject,
  hash: string | null,
  tbs: Uint8Array,
  options: Omit<SignKeyObjectInput, 'key'> = {},
): Uint8Array {
  return new Uint8Array(sign(hash, tbs, { key, ...options }));
}

/** A Name of these parts, each a list of [type, string tag, text or bytes]. */
export function rawName(...parts: readonly (readonly NamePart[])[]): Uint8Array {
  return derSequence(...parts.map((part) => derElement(0x31, ...part.map(encodePart))));
}

export type NamePart = readonly [type: string, tag: number, value: string | Uint8Array];

function encodePart([type, tag, value]: NamePart): Uint8Array {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return derSequence(derOid(type), derElement(tag, bytes));
}

function assemble(parts: RawParts): Uint8Array {
  const isFirst = parts.version === 1;
  const tbs = derSequence(
    ...(isFirst ? [] : [derElement(0xa0, derElement(0x02, Uint8Array.of(2)))]),
    derElement(0x02, parts.serial),
    parts.algorithm,
    parts.issuer,
    derSequence(parts.notBefore, parts.notAfter),
    parts.subject,
    parts.spki,
    ...(isFirst ? [] : [derElement(0xa3, encodeExtensions(parts.extensions))]),
  );
  return derSequence(tbs, parts.algorithm, derBitString(parts.sign(tbs)));
}
