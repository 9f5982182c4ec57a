// Revocation lists of ours, encoded deterministically. [RFC5280 §5]
import { encodeUnsigned } from '../encoding/index.ts';
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

/** DER of the signed part of a revocation list (v2). `encodeSigned` makes a list of it. */
export function encodeTbsCertList(contents: CrlContents): Uint8Array {
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
    ...(contents.revoked.length === 0 ? [] : [derSequence(...contents.revoked.map(encodeEntry))]),
    derElement(0xa0, encodeExtensions(extensions)),
  );
}

function encodeEntry({ serial, revokedAt, reason }: RevokedCertificate): Uint8Array {
  if (reason === undefined) return derSequence(derInteger(serial), derTime(revokedAt));
  const value = derElement(tags.enumerated, Uint8Array.of(reason));
  const extensions = encodeExtensions([{ oid: extensionOids.crlReason, critical: false, value }]);
  return derSequence(derInteger(serial), derTime(revokedAt), extensions);
}
