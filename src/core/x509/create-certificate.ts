// Certificates of ours, encoded deterministically: same arguments, same bytes. Time and randomness are arguments.
import type { CertificateExtension } from './certificate.ts';
import { encodeName, type DistinguishedName } from './create-name.ts';
import { derBitString, derElement, derInteger, derOid, derSequence, derTime } from './der-writer.ts';
import { tags } from './asn1.ts';

export type CertificateAlgorithm =
  | 'ecdsa-sha256'
  | 'ecdsa-sha384'
  | 'ecdsa-sha512'
  | 'rsassa-sha1'
  | 'rsassa-sha256'
  | 'rsassa-sha384'
  | 'rsassa-sha512'
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

const algorithmOids: Readonly<Record<CertificateAlgorithm, string>> = {
  'ecdsa-sha256': '1.2.840.10045.4.3.2',
  'ecdsa-sha384': '1.2.840.10045.4.3.3',
  'ecdsa-sha512': '1.2.840.10045.4.3.4',
  'rsassa-sha1': '1.2.840.113549.1.1.5',
  'rsassa-sha256': '1.2.840.113549.1.1.11',
  'rsassa-sha384': '1.2.840.113549.1.1.12',
  'rsassa-sha512': '1.2.840.113549.1.1.13',
  ed25519: '1.3.101.112',
};

/** DER of a signed certificate (v3). What it says is up to the caller: nothing is judged here.
 * @throws RangeError when the serial number is not 1 to 20 bytes, or a date cannot be written */
export function createCertificate(template: CertificateTemplate): Uint8Array {
  if (template.serial.length < 1 || template.serial.length > 20)
    throw new RangeError('a serial number of 1 to 20 bytes');
  const { notBefore, notAfter } = template.validity;
  const extensions = derElement(0xa3, encodeExtensions(template.extensions));
  const tbs = derSequence(
    derElement(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(template.serial),
    encodeAlgorithm(template.algorithm),
    encodeName(template.issuer),
    derSequence(derTime(notBefore), derTime(notAfter)),
    encodeName(template.subject),
    template.spki,
    ...(template.extensions.length === 0 ? [] : [extensions]),
  );
  return signStructure(tbs, template);
}

/** SEQUENCE { signed part, algorithm, signature }: certificates and revocation lists alike. */
export function signStructure(tbs: Uint8Array, { algorithm, sign }: IssuerSignature): Uint8Array {
  return derSequence(tbs, encodeAlgorithm(algorithm), derBitString(sign(tbs)));
}

export function encodeAlgorithm(algorithm: CertificateAlgorithm): Uint8Array {
  const parameters = algorithm.startsWith('rsassa') ? [derElement(tags.null)] : [];
  return derSequence(derOid(algorithmOids[algorithm]), ...parameters);
}

export function encodeExtensions(extensions: readonly CertificateExtension[]): Uint8Array {
  return derSequence(
    ...extensions.map(({ oid, critical, value }) =>
      derSequence(
        derOid(oid),
        ...(critical ? [derElement(tags.boolean, Uint8Array.of(0xff))] : []),
        derElement(tags.octetString, value),
      ),
    ),
  );
}
