// CMS SignedData around a document: what it claims. Nothing here is proven: see `verifySignedData`. [RFC5652 §5]
import { encodeHex } from '../encoding/index.ts';
import { MalformedError, VerificationError } from '../error.ts';
import { ElementReader, readOid, readSmallInteger, tags, type Element } from './asn1.ts';
import type { Certificate } from './certificate.ts';
import { parseCertificate } from './parse-certificate.ts';
import { readPemBlocks } from './pem-blocks.ts';
import { hashOfAlgorithm } from './signature-algorithm.ts';

const code = 'X509_SIGNED_DATA_MALFORMED';
const signedDataOid = '1.2.840.113549.1.7.2';
const contentTypeOid = '1.2.840.113549.1.9.3';
const messageDigestOid = '1.2.840.113549.1.9.4';
const maximumSize = 8 * 1024 * 1024;
const maximumCertificates = 32;
const maximumAttributes = 32;

export interface ClaimedSignedData {
  readonly contentType: string;
  readonly content: Uint8Array;
  readonly certificates: readonly Certificate[];
  readonly signer: ClaimedSignerInfo;
}

export interface ClaimedSignerInfo {
  /** Issuer name in DER and serial number, or a key identifier: which certificate the signer shows. */
  readonly untrustedId: { readonly issuerDer: Uint8Array; readonly serialHex: string } | { readonly keyIdHex: string };
  readonly digest: ReturnType<typeof hashOfAlgorithm>;
  /** The attributes as they are signed: a SET. [RFC5652 §5.4] */
  readonly attributes: Uint8Array;
  readonly contentType: string;
  readonly messageDigest: Uint8Array;
  /** AlgorithmIdentifier of the signature. */
  readonly algorithm: Element;
  readonly signature: Uint8Array;
}

/** Whether the bytes begin as CMS does, in PEM or in DER. Only a hint which reader to ask. */
export function looksLikeSignedData(bytes: Uint8Array): boolean {
  if (bytes[0] !== tags.sequence)
    return /^-----BEGIN (CMS|PKCS7)-----/.test(String.fromCharCode(...bytes.subarray(0, 32)));
  const head = String.fromCharCode(...bytes.subarray(0, 24));
  return head.includes('\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02');
}

/**
 * Reads one SignedData, DER or PEM, with its content inside and one signer who signs attributes.
 *
 * @throws MalformedError X509_SIGNED_DATA_MALFORMED, X509_CERTIFICATE_*, X509_EXTENSION_*, ENCODING_PEM_INVALID
 * @throws VerificationError X509_SIGNED_DATA_UNSUPPORTED
 */
export function parseSignedData(bytes: Uint8Array): ClaimedSignedData {
  if (bytes.length > maximumSize) throw malformed(`${bytes.length} bytes are too many`, maximumSize);
  const outer = new ElementReader(derOf(bytes), code);
  const info = outer.enter(tags.sequence, 'ContentInfo');
  outer.end('ContentInfo');
  if (oidIn(info, 'contentType') !== signedDataOid) throw malformed('not a SignedData', 0);
  const wrapped = info.enter(0xa0, 'content');
  info.end('ContentInfo');
  const data = wrapped.enter(tags.sequence, 'SignedData');
  wrapped.end('content');
  readVersion(data);
  const announced = readDigestAlgorithms(data.enter(tags.set, 'digestAlgorithms'));
  const { contentType, content } = readContent(data.enter(tags.sequence, 'encapContentInfo'));
  const certificates = readCertificates(data);
  if (data.nextTag === 0xa1) throw unsupported('it carries revocation lists');
  const signers = elementsOf(data.enter(tags.set, 'signerInfos'));
  data.end('SignedData');
  const [only, ...others] = signers;
  if (only === undefined) throw unsupported('nobody signed it');
  if (others.length > 0) throw unsupported('it has several signers');
  const signer = readSignerInfo(only);
  // This list is not signed. A file that contradicts itself is refused all the same: readers that hash while they read rely on it.
  if (!announced.includes(signer.digest)) throw malformed('the digest algorithm of the signer is not announced', 0);
  return { contentType, content, certificates, signer };
}

function readDigestAlgorithms(set: ElementReader): readonly ClaimedSignerInfo['digest'][] {
  const found: ClaimedSignerInfo['digest'][] = [];
  while (!set.done) found.push(hashOfAlgorithm(set.enter(tags.sequence, 'digestAlgorithm')));
  return found;
}

function elementsOf(set: ElementReader): readonly ElementReader[] {
  const found: ElementReader[] = [];
  while (!set.done) found.push(set.enter(tags.sequence, 'SignerInfo'));
  return found;
}

function derOf(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === tags.sequence) return bytes;
  const [block, ...more] = readPemBlocks(bytes, 'CMS', 'PKCS7');
  if (block === undefined || more.length > 0) throw malformed('one block CMS or PKCS7 is expected', 0);
  return block;
}

/** The content must be inside: of a detached one, whoever names the files could choose another. */
function readContent(reader: ElementReader): { readonly contentType: string; readonly content: Uint8Array } {
  const contentType = oidIn(reader, 'eContentType');
  if (reader.done) throw unsupported('the signed document is not inside');
  const wrapped = reader.enter(0xa0, 'eContent');
  reader.end('encapContentInfo');
  const { contents } = wrapped.read(tags.octetString, 'eContent');
  wrapped.end('eContent');
  return { contentType, content: contents };
}

function readCertificates(reader: ElementReader): readonly Certificate[] {
  const found: Certificate[] = [];
  const field = reader.optional(0xa0, 'certificates');
  if (field === undefined) return found;
  const inside = reader.inside(field);
  while (!inside.done) {
    const { bytes, offset } = inside.read(tags.sequence, 'certificate');
    if (found.length >= maximumCertificates) throw malformed('too many certificates', offset);
    found.push(parseCertificate(bytes));
  }
  return found;
}

function readSignerInfo(reader: ElementReader): ClaimedSignerInfo {
  readVersion(reader);
  const untrustedId = readSignerId(reader);
  const digest = hashOfAlgorithm(reader.enter(tags.sequence, 'digestAlgorithm'));
  const signed = reader.optional(0xa0, 'signedAttrs');
  // Without them the content itself is signed, and the signed attributes of another message could be passed off as such a content.
  if (signed === undefined) throw unsupported('the signer signed no attributes');
  const attributes = signed.bytes.slice();
  attributes[0] = tags.set;
  const { contentType, messageDigest } = readAttributes(reader.inside(signed));
  const algorithm = reader.read(tags.sequence, 'signatureAlgorithm');
  const { contents: signature } = reader.read(tags.octetString, 'signature');
  // Countersignatures and timestamps: nothing here rests on them.
  reader.optional(0xa1, 'unsignedAttrs');
  reader.end('SignerInfo');
  return { untrustedId, digest, attributes, contentType, messageDigest, algorithm, signature };
}

function readSignerId(reader: ElementReader): ClaimedSignerInfo['untrustedId'] {
  const keyId = reader.optional(0x80, 'subjectKeyIdentifier');
  if (keyId !== undefined) return { keyIdHex: encodeHex(keyId.contents) };
  const name = reader.enter(tags.sequence, 'issuerAndSerialNumber');
  const issuerDer = name.read(tags.sequence, 'issuer').bytes;
  const serialHex = encodeHex(name.read(tags.integer, 'serialNumber').contents);
  name.end('issuerAndSerialNumber');
  return { issuerDer, serialHex };
}

/** Each attribute once, with one value. [RFC5652 §11.1, §11.2] */
function readAttributes(reader: ElementReader): Pick<ClaimedSignerInfo, 'contentType' | 'messageDigest'> {
  const values = new Map<string, Element>();
  while (!reader.done) {
    const attribute = reader.enter(tags.sequence, 'attribute');
    const oid = oidIn(attribute, 'attrType');
    const set = attribute.enter(tags.set, 'attrValues');
    attribute.end('attribute');
    const value = set.any('attribute value');
    if (!set.done || values.has(oid) || values.size >= maximumAttributes) {
      throw malformed('an attribute stands twice, or has two values', value.offset);
    }
    values.set(oid, value);
  }
  const [type, digest] = [values.get(contentTypeOid), values.get(messageDigestOid)];
  const contentType = type?.tag === tags.oid ? readOid(type.contents) : undefined;
  if (contentType === undefined || digest?.tag !== tags.octetString) {
    throw malformed('the signed attributes lack content type or message digest', digest?.offset ?? 0);
  }
  return { contentType, messageDigest: digest.contents };
}

function readVersion(reader: ElementReader): void {
  const { contents, offset } = reader.read(tags.integer, 'version');
  const version = readSmallInteger(contents);
  if (version === undefined || version < 1 || version > 5) throw malformed('an unknown version', offset);
}

function oidIn(reader: ElementReader, what: string): string {
  const { contents, offset } = reader.read(tags.oid, what);
  const oid = readOid(contents);
  if (oid === undefined) throw malformed(`${what} is no object identifier`, offset);
  return oid;
}

function malformed(message: string, at: number): MalformedError {
  return new MalformedError(code, message, { at });
}

function unsupported(message: string): VerificationError {
  return new VerificationError('X509_SIGNED_DATA_UNSUPPORTED', message);
}
