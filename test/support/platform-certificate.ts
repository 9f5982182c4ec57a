// Platform certificates of the test PKI: attribute certificates, with any part of one exchanged.
import { createHash } from 'node:crypto';
import { createAuthorityKeyIdentifier, encodeName } from '../../src/core/issuance/index.ts';
import type { Certificate, CertificateExtension } from '../../src/core/x509/index.ts';
import { encodeExtensions } from '../../src/core/issuance/create-certificate.ts';
import { derBitString, derElement, derInteger, derOid, derSequence } from '../../src/core/x509/der-writer.ts';
import { signer, type TestCertificate } from './pki.ts';

const utf8 = (text: string, tag = 0x0c) => derElement(tag, new TextEncoder().encode(text));
const time = (text: string) => utf8(text, 0x18);
const directory = (name: Uint8Array) => derSequence(derElement(0xa4, name));
export const attribute = (oid: string, ...values: readonly Uint8Array[]) =>
  derSequence(derOid(oid), derElement(0x31, ...values));

/** The holder as issuer and serial number of an EK certificate. */
export function holderOf({ issuerDer, serialHex }: Certificate): Uint8Array {
  return derSequence(derElement(0xa0, directory(issuerDer), derInteger(Buffer.from(serialHex, 'hex'))));
}

/** The holder as a digest: of the certificate (1) or of its key (0). */
export function digestHolderOf(bytes: Uint8Array, kind: 0 | 1 | 2, algorithm = '2.16.840.1.101.3.4.2.1'): Uint8Array {
  const digest = createHash('sha256').update(bytes).digest();
  const info = [derElement(0x0a, Uint8Array.of(kind)), derSequence(derOid(algorithm)), derBitString(digest)];
  return derSequence(derElement(0xa2, ...info));
}

export interface Part {
  readonly manufacturer: string;
  readonly model: string;
  readonly serial?: string;
}

/** Attribute with the list of parts, in the second form. */
export function parts(...listed: readonly Part[]): Uint8Array {
  const items = listed.map(({ manufacturer, model, serial }) =>
    derSequence(
      derSequence(derOid('2.23.133.18.3.1'), derElement(0x04, Uint8Array.of(0, 3, 0, 3))),
      utf8(manufacturer),
      utf8(model),
      ...(serial === undefined ? [] : [utf8(serial, 0x80)]),
      derElement(0x83, Uint8Array.of(0xff)),
    ),
  );
  return attribute('2.23.133.5.1.7.2', derSequence(derElement(0xa0, ...items)));
}

export interface PlatformParts {
  readonly holder: Uint8Array;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly attributes: readonly Uint8Array[];
  /** Relative names by identifier, in subjectAltName. */
  readonly names: Readonly<Record<string, string>>;
  readonly extensions: readonly CertificateExtension[];
  readonly algorithm: Uint8Array;
  readonly sign: (tbs: Uint8Array) => Uint8Array;
}

export const ecdsaSha256 = derSequence(derOid('1.2.840.10045.4.3.2'));
export const platformNames = {
  '2.23.133.5.1.1': 'Test Machines',
  '2.23.133.5.1.4': 'TM-1000',
  '2.23.133.5.1.5': 'B2',
  '2.23.133.5.1.6': 'SN-0042',
} as const;

/** DER of a platform certificate by `issuer` for the TPM of `ek`: two parts, valid from 2026 to 2036. */
export function makePlatform(
  issuer: TestCertificate,
  ek: Certificate,
  changes: Partial<PlatformParts> = {},
): Uint8Array {
  const all: PlatformParts = {
    holder: holderOf(ek),
    notBefore: '20260101000000Z',
    notAfter: '20360101000000Z',
    attributes: [
      attribute('2.23.133.2.25', derSequence(derOid('2.23.133.8.2'))),
      parts({ manufacturer: 'Disks', model: 'D1', serial: 'd-7' }, { manufacturer: 'Memory', model: 'M2' }),
    ],
    names: platformNames,
    extensions: [createAuthorityKeyIdentifier(issuer.key.spki)],
    algorithm: ecdsaSha256,
    sign: signer(issuer.key, undefined),
    ...changes,
  };
  const names = Object.entries(all.names).map(([oid, text]) => derElement(0x31, derSequence(derOid(oid), utf8(text))));
  const altName = { oid: '2.5.29.17', critical: false, value: directory(derSequence(...names)) };
  const tbs = derSequence(
    derInteger(Uint8Array.of(1)),
    all.holder,
    derElement(0xa0, directory(encodeName(issuer.certificate.subjectDer))),
    all.algorithm,
    derInteger(Uint8Array.of(0x77, 1)),
    derSequence(time(all.notBefore), time(all.notAfter)),
    derSequence(...all.attributes),
    encodeExtensions([altName, ...all.extensions]),
  );
  return derSequence(tbs, all.algorithm, derBitString(all.sign(tbs)));
}
