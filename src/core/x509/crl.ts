// Certificate revocation lists: complete ones, of one issuer, for all its certificates. [RFC5280 §5]
import type { SignatureScheme } from '../crypto/index.ts';
import { allAtOnce, encodeHex, inPieces, type Pieces } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { ElementReader, tags, readDate, readSmallInteger } from './asn1.ts';
import type { CertificateExtension } from './certificate.ts';
import { readPointNames } from './distribution-points.ts';
import { readAuthorityKeyIdentifier, readExtensions } from './extensions.ts';
import { readName } from './name.ts';
import { extensionOids } from './oids.table.ts';
import { findPemBlocks } from './pem-blocks.ts';
import { readSignatureAlgorithm } from './signature-algorithm.ts';

export interface Revocation {
  readonly revokedAt: Date;
  /** CRLReason, undefined when none is given. */
  readonly reason: number | undefined;
}

/** What a list says; its signature is checked by path validation, against the issuer found there. */
export interface CertificateRevocationList {
  readonly der: Uint8Array;
  readonly tbs: Uint8Array;
  readonly issuer: string;
  readonly issuerKey: string;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  /** Serial number (as `serialKey` spells it) -> when it was revoked. */
  readonly revoked: ReadonlyMap<string, Revocation>;
  readonly extensions: readonly CertificateExtension[];
  /** It says, without marking it critical, that it is of some kinds of certificates or some reasons only: its silence tells nothing. */
  readonly isPartial: boolean;
  /** Names of the one distribution point it is of, as `readPointNames` spells them: its silence tells something of the certificates only that
   * name it too. Undefined where it is of no single one. */
  readonly points: readonly string[] | undefined;
  readonly authorityKeyIdHex: string | undefined;
  readonly signatureScheme: SignatureScheme | undefined;
  readonly signature: Uint8Array;
}

const code = 'X509_CRL_MALFORMED';
const maximumSize = 16 * 1024 * 1024;

/** Reading so many entries takes some milliseconds. */
const entriesInPiece = 1000;

/** Reads one list, DER or PEM. Proves nothing: the signature is not looked at.
 * @throws MalformedError X509_CRL_MALFORMED, X509_CRL_UNSUPPORTED, X509_EXTENSION_DUPLICATE, X509_EXTENSION_MALFORMED */
export function parseCrl(bytes: Uint8Array): CertificateRevocationList {
  return allAtOnce(readCrl(bytes));
}

/** The same for whoever has something else to do: the largest list has some hundred thousand entries, and takes seconds.
 * @throws MalformedError as `parseCrl` */
export function parseCrlInPieces(bytes: Uint8Array, pause: () => Promise<void>): Promise<CertificateRevocationList> {
  return inPieces(readCrl(bytes), pause);
}

function* readCrl(bytes: Uint8Array): Pieces<CertificateRevocationList> {
  if (bytes.length > maximumSize) throw new MalformedError(code, `${bytes.length} bytes are too many for a list`);
  // PEM never begins with the tag of a SEQUENCE and a length in long form, so these two bytes tell DER. Searching a large list for lines
  // of PEM would take longer than one piece should.
  const isDer = bytes[0] === tags.sequence && (bytes[1] ?? 0) >= 0x80;
  const der = isDer ? bytes : ((yield* findPemBlocks(bytes, 'X509 CRL'))[0] ?? bytes);
  if (!isDer) yield;
  const reader = new ElementReader(der, code);
  const fields = reader.enter(tags.sequence, 'revocation list');
  reader.end('revocation list');
  const tbs = fields.read(tags.sequence, 'signed part');
  const algorithm = fields.read(tags.sequence, 'signature algorithm');
  const signature = fields.read(tags.bitString, 'signature').contents;
  fields.end('revocation list');
  const signed = fields.inside(tbs);
  if (readSmallInteger(signed.optional(tags.integer, 'version')?.contents ?? new Uint8Array(1)) !== 1) {
    throw new MalformedError('X509_CRL_UNSUPPORTED', 'only version 2 revocation lists are read');
  }
  const inner = signed.read(tags.sequence, 'inner signature algorithm');
  if (encodeHex(inner.bytes) !== encodeHex(algorithm.bytes) || signature[0] !== 0) {
    throw new MalformedError(code, 'the signed and the unsigned signature algorithm differ', { at: inner.offset });
  }
  return {
    der,
    tbs: tbs.bytes,
    ...(yield* readSigned(signed)),
    signatureScheme: readSignatureAlgorithm(fields.inside(algorithm)).scheme,
    signature: signature.subarray(1),
  };
}

/** What the list says of a certificate, whose issuer must be that of the list. */
export function revocationOf(
  crl: CertificateRevocationList,
  { serialHex }: { serialHex: string },
): Revocation | undefined {
  return crl.revoked.get(serialKey(serialHex));
}

/** A serial number without leading zeros, which do not change it: some makers pad it in certificates and not in their lists. */
export function serialKey(serialHex: string): string {
  return serialHex.replace(/^(?:00)+(?=..)/, '');
}

type SignedFacts = Omit<CertificateRevocationList, 'der' | 'tbs' | 'signatureScheme' | 'signature'>;

function* readSigned(reader: ElementReader): Pieces<SignedFacts> {
  const issuer = readName(reader.enter(tags.sequence, 'issuer'));
  const thisUpdate = readDate(reader, 'thisUpdate', code);
  const hasNext = reader.nextTag === tags.utcTime || reader.nextTag === tags.generalizedTime;
  const nextUpdate = hasNext ? readDate(reader, 'nextUpdate', code) : undefined;
  const list = reader.optional(tags.sequence, 'revoked certificates');
  const revoked = list === undefined ? new Map<string, Revocation>() : yield* readRevoked(reader.inside(list));
  const field = reader.optional(0xa0, 'list extensions');
  reader.end('revocation list');
  const extensions = field === undefined ? [] : readExtensionList(reader.inside(field));
  refuseUnsupported(extensions);
  const authority = extensions.find(({ oid }) => oid === extensionOids.authorityKeyIdentifier);
  const authorityKeyIdHex =
    authority &&
    readAuthorityKeyIdentifier(
      new ElementReader(authority.value, 'X509_EXTENSION_MALFORMED').enter(tags.sequence, 'authority key identifier'),
    ).authorityKeyIdHex;
  return {
    issuer: issuer.text,
    issuerKey: issuer.key,
    thisUpdate,
    nextUpdate,
    revoked,
    extensions,
    ...readScope(extensions),
    authorityKeyIdHex,
  };
}

function* readRevoked(reader: ElementReader): Pieces<ReadonlyMap<string, Revocation>> {
  const revoked = new Map<string, Revocation>();
  for (let count = 1; !reader.done; count += 1) {
    if (count % entriesInPiece === 0) yield;
    const entry = reader.enter(tags.sequence, 'revoked certificate');
    const serialHex = encodeHex(entry.read(tags.integer, 'serial number').contents);
    const revokedAt = readDate(entry, 'revocation date', code);
    const extensions = entry.done ? [] : readExtensions(entry.enter(tags.sequence, 'entry extensions'), new Set());
    entry.end('revoked certificate');
    const reason = extensions.find(({ oid }) => oid === extensionOids.crlReason)?.value;
    refuseUnsupported(extensions);
    revoked.set(serialKey(serialHex), { revokedAt, reason: reason?.[2] });
  }
  return revoked;
}

function readExtensionList(reader: ElementReader): readonly CertificateExtension[] {
  const list = reader.enter(tags.sequence, 'list extensions');
  reader.end('list extensions');
  return readExtensions(list, new Set());
}

/** Delta, indirect and partial lists are marked by critical extensions. Read as complete ones, they would hide what they leave out. */
function refuseUnsupported(extensions: readonly CertificateExtension[]): void {
  const critical = extensions.find((extension) => extension.critical);
  const delta = extensions.find(({ oid }) => oid === extensionOids.deltaCrlIndicator);
  if (critical === undefined && delta === undefined) return;
  throw new MalformedError(
    'X509_CRL_UNSUPPORTED',
    'a delta, indirect or partial revocation list, or an unknown critical extension',
  );
}

/** What an issuing distribution point says of the certificates that a list is about. It should be critical, and then the list is refused;
 * some makers forget that. [RFC5280 §5.2.5] */
function readScope(extensions: readonly CertificateExtension[]): Pick<SignedFacts, 'isPartial' | 'points'> {
  const value = extensions.find(({ oid }) => oid === extensionOids.issuingDistributionPoint)?.value;
  if (value === undefined) return { isPartial: false, points: undefined };
  const scope = new ElementReader(value, 'X509_EXTENSION_MALFORMED').enter(tags.sequence, 'issuing distribution point');
  const point = scope.optional(0xa0, 'distribution point');
  return { isPartial: !scope.done, points: point && readPointNames(scope.inside(point)) };
}
