// Bytes to an attribute certificate: strict, nothing forgiven. Platform certificates come from files of makers, not from TPMs with
// little room. [RFC5755 §4.1]
import { encodeHex } from '../encoding/index.ts';
import { AttestationError, MalformedError } from '../error.ts';
import { ElementReader, tags, readOid, readSmallInteger, readTime, type Element } from './asn1.ts';
import type { AttributeCertificate } from './attribute-certificate.ts';
import { readDirectoryName, readHolder, type DirectoryName } from './attribute-holder.ts';
import type { CertificateExtension } from './certificate.ts';
import { readAuthorityKeyIdentifier, readExtensions } from './extensions.ts';
import { extensionOids, platformOids } from './oids.table.ts';
import { parseCertificate } from './parse-certificate.ts';
import { readPlatform, type Attributes } from './platform-facts.ts';
import { readSignatureAlgorithm } from './signature-algorithm.ts';

const code = 'X509_ATTRIBUTE_CERTIFICATE_MALFORMED';
const maximumSize = 64 * 1024;
const maximumAttributes = 64;

/** Reads one attribute certificate in DER. Proves nothing: neither the signature nor the dates nor the holder are looked at.
 * @throws MalformedError X509_ATTRIBUTE_CERTIFICATE_MALFORMED, X509_EXTENSION_DUPLICATE */
export function parseAttributeCertificate(bytes: Uint8Array): AttributeCertificate {
  if (bytes.length > maximumSize) throw malformed(`${bytes.length} bytes are too many for an attribute certificate`, 0);
  const outer = new ElementReader(bytes, code);
  const fields = outer.enter(tags.sequence, 'attribute certificate');
  outer.end('attribute certificate');
  const tbs = fields.read(tags.sequence, 'signed part');
  const algorithm = fields.read(tags.sequence, 'signature algorithm');
  const signature = fields.read(tags.bitString, 'signature');
  fields.end('attribute certificate');
  if (signature.contents[0] !== 0) throw malformed('a signature that is not whole bytes', signature.offset);
  const { oid, scheme, leniency } = readSignatureAlgorithm(fields.inside(algorithm));
  return {
    der: bytes,
    tbs: tbs.bytes,
    ...readSigned(fields.inside(tbs), algorithm),
    signatureOid: oid,
    // What is forgiven of TPM makers by name is not forgiven here.
    signatureScheme: leniency === undefined ? scheme : undefined,
    signature: signature.contents.subarray(1),
  };
}

/** Whether DER bytes begin as an attribute certificate does: version and holder, where a certificate has serial number and
 * algorithm. Says nothing about the rest. */
export function isAttributeCertificate(bytes: Uint8Array): boolean {
  try {
    parseCertificate(bytes);
    return false;
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return error.code === 'X509_CERTIFICATE_IS_ATTRIBUTE';
  }
}

type SignedFacts = Omit<AttributeCertificate, 'der' | 'tbs' | 'signatureOid' | 'signatureScheme' | 'signature'>;

function readSigned(reader: ElementReader, algorithm: Element): SignedFacts {
  const version = reader.read(tags.integer, 'version');
  if (readSmallInteger(version.contents) !== 1) throw malformed('only version 2 is read', version.offset);
  const holder = readHolder(reader.enter(tags.sequence, 'holder'));
  const issuer = readIssuer(reader);
  const inner = reader.read(tags.sequence, 'inner signature algorithm');
  if (encodeHex(inner.bytes) !== encodeHex(algorithm.bytes)) {
    throw malformed('the signed and the unsigned signature algorithm differ', inner.offset);
  }
  const serial = reader.read(tags.integer, 'serial number');
  if (serial.contents.length === 0 || serial.contents.length > 21) throw malformed('a serial number', serial.offset);
  const validity = reader.enter(tags.sequence, 'validity');
  const [notBefore, notAfter] = [readDate(validity, 'notBefore'), readDate(validity, 'notAfter')];
  validity.end('validity');
  const attributes = readAttributes(reader.enter(tags.sequence, 'attributes'));
  reader.optional(tags.bitString, 'issuer unique identifier');
  const list = reader.optional(tags.sequence, 'extensions');
  reader.end('signed part');
  const extensions = list === undefined ? [] : readStrictly(reader.inside(list), list);
  return {
    holder,
    issuer: issuer.text,
    issuerKey: issuer.key,
    issuerDer: issuer.der,
    serialHex: encodeHex(serial.contents),
    notBefore,
    notAfter,
    extensions,
    ...readAuthority(extensions),
    kinds: readKinds(attributes),
    platform: readPlatform(extensions, attributes),
  };
}

/** AttCertIssuer: the v2 form with one name, as every attribute certificate of version 2 must have. [RFC5755 §4.2.3] */
function readIssuer(reader: ElementReader): DirectoryName {
  const element = reader.read(0xa0, 'issuer');
  const form = reader.inside(element);
  const name = readDirectoryName(form.enter(tags.sequence, 'issuer names'));
  form.end('issuer');
  if (name === undefined) throw malformed('the issuer is not one directory name', element.offset);
  return name;
}

/** Each attribute once, each with one value. */
function readAttributes(reader: ElementReader): Attributes {
  const attributes = new Map<string, Element>();
  while (!reader.done) {
    const element = reader.read(tags.sequence, 'attribute');
    const fields = reader.inside(element);
    const oid = readOid(fields.read(tags.oid, 'attribute type').contents) ?? '';
    const values = fields.enter(tags.set, 'attribute values');
    fields.end('attribute');
    const value = values.any('attribute value');
    if (!values.done || oid === '' || attributes.has(oid) || attributes.size === maximumAttributes) {
      throw malformed('an attribute with several values, one that stands twice, or too many', element.offset);
    }
    attributes.set(oid, value);
  }
  return attributes;
}

/** TCGCredentialType ::= SEQUENCE { certificateType OID }. */
function readKinds(attributes: Attributes): readonly string[] {
  const element = attributes.get(platformOids.credentialType);
  if (element === undefined) return [];
  const fields = new ElementReader(element.bytes, code).enter(tags.sequence, 'kind of certificate');
  const kinds: string[] = [];
  while (!fields.done) kinds.push(readOid(fields.read(tags.oid, 'kind of certificate').contents) ?? '');
  return kinds;
}

function readAuthority(
  extensions: readonly CertificateExtension[],
): Pick<AttributeCertificate, 'authorityKeyIdHex' | 'authoritySerialHex'> {
  const value = extensions.find(({ oid }) => oid === extensionOids.authorityKeyIdentifier)?.value;
  if (value === undefined) return { authorityKeyIdHex: undefined, authoritySerialHex: undefined };
  return readAuthorityKeyIdentifier(new ElementReader(value, code).enter(tags.sequence, 'authority key identifier'));
}

function readStrictly(reader: ElementReader, { offset }: Element): readonly CertificateExtension[] {
  const forgiven = new Set<never>();
  const extensions = readExtensions(reader, forgiven);
  if (forgiven.size > 0) throw malformed('an extension that is not DER', offset);
  return extensions;
}

function readDate(reader: ElementReader, what: string): Date {
  const element = reader.read(tags.generalizedTime, what);
  const date = readTime(element);
  if (date === undefined) throw malformed(`${what} is not a time`, element.offset);
  return date;
}

function malformed(message: string, at: number): MalformedError {
  return new MalformedError(code, message, { at });
}
