// Revocation lists of ours, encoded deterministically. [RFC5280 §5]
import { concatBytes, encodeUnsigned, type Pieces } from '../encoding/index.ts';
import { derElement, derInteger, derSequence, derTime, extensionOids, tags } from '../x509/index.ts';
import { encodeAlgorithm, encodeExtensions, type CertificateAlgorithm } from './create-certificate.ts';
import { createAuthorityKeyIdentifier } from './create-extension.ts';
import { encodeName, type DistinguishedName } from './create-name.ts';

export interface RevokedCertificate {
  /** Big-endian magnitude, as in the certificate. */
  readonly serial: Uint8Array;
  readonly revokedAt: Date;
  /** CRLReason. [RFC5280 §5.3.1] */
  readonly reason?: number | undefined;
}

/** What a revocation list says, before it is signed. */
export interface CrlContents {
  /** Of the signature to come: the signed part names it too. */
  readonly algorithm: CertificateAlgorithm;
  readonly issuer: DistinguishedName | Uint8Array;
  /** DER SubjectPublicKeyInfo of the issuer's key, for the authority key identifier. */
  readonly issuerSpki: Uint8Array;
  /** The issuer's subject key identifier, where its certificate has another than ours would be. */
  readonly issuerKeyId?: Uint8Array | undefined;
  /** Increases with every list of one issuer. */
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly revoked: readonly RevokedCertificate[];
}

/** To encode so many takes some milliseconds. */
const entriesInPiece = 1000;

/** DER of the signed part of a revocation list (v2). `encodeSigned` makes a list of it. In pieces: a large fleet whose hosts came anew has
 * some hundred thousand entries. */
export function* encodeTbsCertList(contents: CrlContents): Pieces<Uint8Array> {
  const entries: Uint8Array[] = [];
  for (let start = 0; start < contents.revoked.length; start += entriesInPiece) {
    if (start > 0) yield;
    entries.push(concatBytes(...contents.revoked.slice(start, start + entriesInPiece).map(encodeEntry)));
  }
  const extensions = [
    createAuthorityKeyIdentifier(contents.issuerSpki, contents.issuerKeyId),
    { oid: extensionOids.crlNumber, critical: false, value: derInteger(encodeUnsigned(contents.number, 8)) },
  ];
  return derSequence(
    derInteger(Uint8Array.of(1)),
    encodeAlgorithm(contents.algorithm),
    encodeName(contents.issuer),
    derTime(contents.thisUpdate),
    derTime(contents.nextUpdate),
    ...(entries.length === 0 ? [] : [derSequence(...entries)]),
    derElement(0xa0, encodeExtensions(extensions)),
  );
}

function encodeEntry({ serial, revokedAt, reason }: RevokedCertificate): Uint8Array {
  if (reason === undefined) return derSequence(derInteger(serial), derTime(revokedAt));
  const value = derElement(tags.enumerated, Uint8Array.of(reason));
  const extensions = encodeExtensions([{ oid: extensionOids.crlReason, critical: false, value }]);
  return derSequence(derInteger(serial), derTime(revokedAt), extensions);
}
