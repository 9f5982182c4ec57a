// Bytes to a certificate: strict framing, the exact signed bytes kept, each quirk forgiven by name. [RFC5280 §4.1]
import { encodeHex } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { ElementReader, tags, readDate, readSmallInteger, type Element } from './asn1.ts';
import type { Certificate, CertificateExtension } from './certificate.ts';
import { readExtensionFacts, readExtensions } from './extensions.ts';
import type { LeniencyId } from './leniency.ts';
import { readName } from './name.ts';
import { readSignatureAlgorithm } from './signature-algorithm.ts';
import { readSubjectKey } from './subject-key.ts';

const code = 'X509_CERTIFICATE_MALFORMED';
const maximumSize = 64 * 1024;

/** Reads one DER certificate; accepts the wrappings and paddings that NV indices carry, and names each in `leniencies`.
 * Proves nothing: neither the signature nor the dates are looked at.
 * @throws MalformedError X509_CERTIFICATE_MALFORMED, X509_CERTIFICATE_IS_ATTRIBUTE, X509_CERTIFICATE_ALGORITHMS_DIFFER,
 * X509_EXTENSION_DUPLICATE, X509_EXTENSION_MALFORMED */
export function parseCertificate(bytes: Uint8Array): Certificate {
  const leniencies = new Set<LeniencyId>();
  const outer = readOuter(bytes, leniencies);
  const fields = new ElementReader(outer.bytes, code).enter(tags.sequence, 'certificate');
  const tbs = fields.read(tags.sequence, 'signed part');
  refuseAttributeCertificate(fields.inside(tbs));
  const algorithm = fields.read(tags.sequence, 'signature algorithm');
  const signature = readBits(fields.read(tags.bitString, 'signature'));
  fields.end('certificate');

  const facts = readSigned(fields.inside(tbs), algorithm, leniencies);
  const { oid, scheme, leniency } = readSignatureAlgorithm(fields.inside(algorithm));
  if (leniency !== undefined) leniencies.add(leniency);
  return {
    der: outer.bytes,
    tbs: tbs.bytes,
    ...facts,
    signatureOid: oid,
    signatureScheme: scheme,
    signature,
    leniencies: [...leniencies],
  };
}

type SignedFacts = Omit<Certificate, 'der' | 'tbs' | 'signatureOid' | 'signatureScheme' | 'signature' | 'leniencies'>;

function readSigned(reader: ElementReader, algorithm: Element, leniencies: Set<LeniencyId>): SignedFacts {
  const version = readVersion(reader);
  const serial = readSerial(reader.read(tags.integer, 'serial number').contents, leniencies);
  const inner = reader.read(tags.sequence, 'inner signature algorithm');
  if (encodeHex(inner.bytes) !== encodeHex(algorithm.bytes)) {
    throw new MalformedError(
      'X509_CERTIFICATE_ALGORITHMS_DIFFER',
      'the signed and the unsigned signature algorithm differ',
      { at: inner.offset },
    );
  }
  const issuerElement = reader.read(tags.sequence, 'issuer');
  const validity = reader.enter(tags.sequence, 'validity');
  const notBefore = readDate(validity, 'notBefore', code);
  const notAfter = readDate(validity, 'notAfter', code);
  validity.end('validity');
  const subjectElement = reader.read(tags.sequence, 'subject');
  const key = readSubjectKey(reader, reader.read(tags.sequence, 'SubjectPublicKeyInfo'));
  const extensions = readTail(reader, version, leniencies);

  const issuer = readName(reader.inside(issuerElement));
  const subject = readName(reader.inside(subjectElement));
  if (issuer.unsorted || subject.unsorted) leniencies.add('unsorted-set');
  if (key.rewrapped) leniencies.add('rsaes-oaep-key');
  return {
    version,
    subject: subject.text,
    issuer: issuer.text,
    subjectDer: subjectElement.bytes,
    issuerDer: issuerElement.bytes,
    subjectKey: subject.key,
    issuerKey: issuer.key,
    serialHex: serial,
    notBefore,
    notAfter,
    spki: key.spki,
    publicKey: key.publicKey,
    extensions,
    ...readExtensionFacts(extensions, leniencies),
  };
}

/** The certificate itself, out of the TPM 1.2 NV wrapper `10 01 00 <length> [10 02]` and before any padding. */
function readOuter(bytes: Uint8Array, leniencies: Set<LeniencyId>): Element {
  if (bytes.length > maximumSize)
    throw new MalformedError(code, `${bytes.length} bytes are too many for a certificate`);
  let inner = bytes;
  if (bytes[0] === 0x10 && bytes[1] === 0x01 && bytes[2] === 0x00) {
    inner = bytes.subarray(bytes[5] === 0x10 && bytes[6] === 0x02 ? 7 : 5);
    leniencies.add('tpm12-nv-header');
  }
  const reader = new ElementReader(inner, code);
  const outer = reader.read(tags.sequence, 'certificate');
  if (!reader.done) leniencies.add('trailing-bytes');
  return outer;
}

/** An attribute certificate (platform certificate) starts with version v2 and a holder, not a serial and an algorithm. */
function refuseAttributeCertificate(reader: ElementReader): void {
  if (reader.optional(tags.integer, 'version or serial number') === undefined) return;
  if (reader.nextTag !== tags.sequence) return;
  const first = reader.enter(tags.sequence, 'holder or algorithm').nextTag ?? 0;
  if (first >= 0xa0 && first <= 0xa2) {
    throw new MalformedError(
      'X509_CERTIFICATE_IS_ATTRIBUTE',
      'this is an attribute certificate (of a platform), which holds no key',
    );
  }
}

function readVersion(reader: ElementReader): 1 | 2 | 3 {
  const field = reader.optional(0xa0, 'version');
  if (field === undefined) return 1;
  const inside = reader.inside(field);
  const version = readSmallInteger(inside.read(tags.integer, 'version').contents);
  inside.end('version');
  if (version !== 1 && version !== 2)
    throw new MalformedError(code, 'an unknown certificate version', { at: field.offset });
  return version === 1 ? 2 : 3;
}

function readSerial(contents: Uint8Array, leniencies: Set<LeniencyId>): string {
  const [first = 0, second = 0] = contents;
  const padded = contents.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  const magnitude = first === 0 ? contents.length - 1 : contents.length;
  if (contents.length === 0 || contents.length > 64) throw new MalformedError(code, 'an unreasonable serial number');
  if (first >= 0x80) leniencies.add('negative-serial');
  if (padded || magnitude === 0 || magnitude > 20) leniencies.add('long-serial');
  return encodeHex(contents);
}

/** Unique identifiers (passed over) and extensions. */
function readTail(
  reader: ElementReader,
  version: number,
  leniencies: Set<LeniencyId>,
): readonly CertificateExtension[] {
  if (version > 1) {
    reader.optional(0x81, 'issuer unique identifier');
    reader.optional(0x82, 'subject unique identifier');
  }
  const field = version === 3 ? reader.optional(0xa3, 'extensions') : undefined;
  reader.end('signed part');
  if (field === undefined) return [];
  const inside = reader.inside(field);
  const list = inside.enter(tags.sequence, 'extensions');
  inside.end('extensions');
  return readExtensions(list, leniencies);
}

function readBits(element: Element): Uint8Array {
  if (element.contents[0] !== 0) {
    throw new MalformedError(code, 'a signature that is not whole bytes', { at: element.offset });
  }
  return element.contents.subarray(1);
}
