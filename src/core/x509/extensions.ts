// Certificate extensions: framed strictly, each at most once. [RFC5280 §4.2]
import { encodeHex, printable } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { ElementReader, tags, readOid, readSmallInteger } from './asn1.ts';
import type { Certificate, CertificateExtension, KeyUsage } from './certificate.ts';
import type { LeniencyId } from './leniency.ts';
import { extensionOids } from './oids.table.ts';
import { readSubjectAltName, type SubjectAltNames } from './subject-alt-name.ts';

const maximumExtensions = 64;

const keyUsageNames: readonly KeyUsage[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];

export type ExtensionFacts = Pick<
  Certificate,
  'basicConstraints' | 'keyUsage' | 'extendedKeyUsage' | 'subjectKeyIdHex' | 'authorityKeyIdHex' | 'authoritySerialHex'
> &
  SubjectAltNames;

type AuthorityHint = Pick<ExtensionFacts, 'authorityKeyIdHex' | 'authoritySerialHex'>;

/** The extensions in `reader` (the contents of Extensions). `leniencies` collects what was forgiven.
 * @throws MalformedError X509_EXTENSION_DUPLICATE, and the reader's code */
export function readExtensions(reader: ElementReader, leniencies: Set<LeniencyId>): readonly CertificateExtension[] {
  const extensions: CertificateExtension[] = [];
  while (!reader.done) {
    const fields = reader.enter(tags.sequence, 'extension');
    const oid = readOid(fields.read(tags.oid, 'extension identifier').contents) ?? '';
    const critical = readBoolean(fields, leniencies);
    const value = fields.read(tags.octetString, 'extension value').contents;
    fields.end('extension');
    if (extensions.some((other) => other.oid === oid) || oid === '' || extensions.length === maximumExtensions) {
      throw new MalformedError(
        'X509_EXTENSION_DUPLICATE',
        `extension ${printable(oid)} stands twice, or there are too many`,
      );
    }
    extensions.push({ oid, critical, value });
  }
  return extensions;
}

/** What the extensions say, of those that this room reads.
 * @throws MalformedError X509_EXTENSION_MALFORMED */
export function readExtensionFacts(
  extensions: readonly CertificateExtension[],
  leniencies: Set<LeniencyId>,
): ExtensionFacts {
  const open = (oid: string) => {
    const value = extensions.find((extension) => extension.oid === oid)?.value;
    return value === undefined ? undefined : new ElementReader(value, 'X509_EXTENSION_MALFORMED');
  };
  const basic = open(extensionOids.basicConstraints);
  const usage = open(extensionOids.keyUsage);
  const purposes = open(extensionOids.extendedKeyUsage);
  const subjectKey = open(extensionOids.subjectKeyIdentifier);
  const authorityKey = open(extensionOids.authorityKeyIdentifier);
  const altName = open(extensionOids.subjectAltName);
  const names = altName && whole(altName, tags.sequence, (fields) => readSubjectAltName(fields, leniencies));
  return {
    basicConstraints: basic && whole(basic, tags.sequence, (fields) => readBasicConstraints(fields, leniencies)),
    keyUsage: usage && readKeyUsage(usage),
    extendedKeyUsage: purposes && whole(purposes, tags.sequence, readPurposes),
    subjectKeyIdHex: subjectKey && encodeHex(onlyElement(subjectKey, tags.octetString)),
    ...readAuthorityHint(authorityKey, leniencies),
    ...(names ?? { tpm: undefined, hardwareModule: undefined }),
  };
}

/** A hint for finding the issuer: one that cannot be read is as good as none, and a leniency. */
function readAuthorityHint(reader: ElementReader | undefined, leniencies: Set<LeniencyId>): AuthorityHint {
  const none = { authorityKeyIdHex: undefined, authoritySerialHex: undefined };
  try {
    return reader === undefined ? none : whole(reader, tags.sequence, readAuthorityKeyIdentifier);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    leniencies.add('malformed-authority-key-identifier');
    return none;
  }
}

/** keyIdentifier [0], authorityCertIssuer [1], authorityCertSerialNumber [2], all optional. [RFC5280 §4.2.1.1] */
export function readAuthorityKeyIdentifier(fields: ElementReader): AuthorityHint {
  const keyId = fields.optional(0x80, 'authority key identifier');
  fields.optional(0xa1, 'authority certificate issuer');
  const serial = fields.optional(0x82, 'authority certificate serial');
  fields.end('authority key identifier');
  return {
    authorityKeyIdHex: keyId && encodeHex(keyId.contents),
    authoritySerialHex: serial && encodeHex(serial.contents),
  };
}

function readBasicConstraints(fields: ElementReader, leniencies: Set<LeniencyId>): Certificate['basicConstraints'] {
  const ca = readBoolean(fields, leniencies);
  const length = fields.optional(tags.integer, 'path length');
  fields.end('basic constraints');
  if (length === undefined) return { ca, pathLength: undefined };
  const pathLength = readSmallInteger(length.contents);
  if (pathLength === undefined) throw malformed('a path length that is negative or unreasonable');
  return { ca, pathLength };
}

/** An optional BOOLEAN that is FALSE when absent. DER writes TRUE as FF and leaves FALSE out; makers do otherwise. */
function readBoolean(fields: ElementReader, leniencies: Set<LeniencyId>): boolean {
  const element = fields.optional(tags.boolean, 'boolean');
  if (element === undefined) return false;
  const [value] = element.contents;
  if (value === undefined || element.contents.length !== 1) throw malformed('a boolean that is not one byte');
  if (value !== 0xff) leniencies.add('non-der-encoding');
  return value !== 0;
}

function readKeyUsage(reader: ElementReader): ReadonlySet<KeyUsage> {
  const [unused, ...bits] = onlyElement(reader, tags.bitString);
  if (unused === undefined || unused > 7 || bits.length > 2) throw malformed('a key usage that is no bit string');
  return new Set(keyUsageNames.filter((_, index) => ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0));
}

function readPurposes(fields: ElementReader): readonly string[] {
  const purposes: string[] = [];
  while (!fields.done) purposes.push(readOid(fields.read(tags.oid, 'purpose').contents) ?? '');
  if (purposes.length === 0) throw malformed('an extended key usage without a purpose');
  return purposes;
}

function whole<T>(reader: ElementReader, tag: number, read: (fields: ElementReader) => T): T {
  const fields = reader.enter(tag, 'extension value');
  reader.end('extension value');
  return read(fields);
}

function onlyElement(reader: ElementReader, tag: number): Uint8Array {
  const { contents } = reader.read(tag, 'extension value');
  reader.end('extension value');
  return contents;
}

function malformed(message: string): MalformedError {
  return new MalformedError('X509_EXTENSION_MALFORMED', message);
}
