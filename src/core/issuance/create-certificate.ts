// Certificates of ours, encoded deterministically: same arguments, same bytes. Time and randomness are arguments.
import {
  derBitString,
  derElement,
  derInteger,
  derOid,
  derSequence,
  derTime,
  tags,
  type CertificateExtension,
} from '../x509/index.ts';
import { encodeName, type DistinguishedName } from './create-name.ts';

export type CertificateAlgorithm =
  | 'ecdsa-sha256'
  | 'ecdsa-sha384'
  | 'ecdsa-sha512'
  | 'rsassa-sha1'
  | 'rsassa-sha256'
  | 'rsassa-sha384'
  | 'rsassa-sha512'
  | 'ed25519';

/** What a certificate says, before it is signed. */
export interface CertificateContents {
  /** Of the signature to come: the signed part names it too. */
  readonly algorithm: CertificateAlgorithm;
  /** Big-endian magnitude, 1 to 20 bytes, chosen by the caller (from a CSPRNG). */
  readonly serial: Uint8Array;
  /** Empty array: empty subject. DER bytes: a name copied from another certificate. */
  readonly subject: DistinguishedName | Uint8Array;
  readonly issuer: DistinguishedName | Uint8Array;
  readonly validity: { readonly notBefore: Date; readonly notAfter: Date };
  readonly spki: Uint8Array;
  readonly extensions: readonly CertificateExtension[];
}

export interface CertificateTemplate extends CertificateContents {
  /** ECDSA signatures are DER, RSA and Ed25519 raw. */
  readonly sign: (tbs: Uint8Array) => Uint8Array;
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
  const tbs = encodeTbsCertificate(template);
  return encodeSigned(tbs, template.algorithm, template.sign(tbs));
}

/** DER of the part that is signed, for keys that sign elsewhere and later. `encodeSigned` makes a certificate of it.
 * @throws RangeError when the serial number is not 1 to 20 bytes, or a date cannot be written */
export function encodeTbsCertificate(contents: CertificateContents): Uint8Array {
  if (contents.serial.length < 1 || contents.serial.length > 20)
    throw new RangeError('a serial number of 1 to 20 bytes');
  const { notBefore, notAfter } = contents.validity;
  const extensions = derElement(0xa3, encodeExtensions(contents.extensions));
  return derSequence(
    derElement(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(contents.serial),
    encodeAlgorithm(contents.algorithm),
    encodeName(contents.issuer),
    derSequence(derTime(notBefore), derTime(notAfter)),
    encodeName(contents.subject),
    contents.spki,
    ...(contents.extensions.length === 0 ? [] : [extensions]),
  );
}

/** SEQUENCE { signed part, algorithm, signature }: certificates and revocation lists alike. The signature is not checked.
 * ECDSA signatures are DER, RSA and Ed25519 raw. */
export function encodeSigned(tbs: Uint8Array, algorithm: CertificateAlgorithm, signature: Uint8Array): Uint8Array {
  return derSequence(tbs, encodeAlgorithm(algorithm), derBitString(signature));
}

/** Ecdsa-Sig-Value of r and s, which come one after the other and equally long. [RFC3279 §2.2.3] */
export function encodeEcdsaSignature(pair: Uint8Array): Uint8Array {
  const half = pair.length / 2;
  return derSequence(derInteger(pair.subarray(0, half)), derInteger(pair.subarray(half)));
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
