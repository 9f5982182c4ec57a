// Whom an attribute certificate is about, and whether that is the certificate in front of us. [RFC5755 §4.2.2]
import { equalInConstantTime, hash } from '../crypto/index.ts';
import { encodeHex } from '../encoding/index.ts';
import type { ElementReader } from './asn1.ts';
import { tags, readOid, readSmallInteger } from './asn1.ts';
import type { Holder } from './attribute-certificate.ts';
import type { Certificate } from './certificate.ts';
import { serialKey } from './crl.ts';
import { readName, type DistinguishedNameFacts } from './name.ts';
import { hashOids } from './oids.table.ts';

/** A name that stands alone in GeneralNames as a directory name; undefined when it is another kind, or not alone. */
export interface DirectoryName extends DistinguishedNameFacts {
  readonly der: Uint8Array;
}

/** The holder in `fields` (the contents of Holder). Throws the reader's code. */
export function readHolder(fields: ElementReader): Holder {
  const base = fields.optional(0xa0, 'holder certificate');
  const names = fields.optional(0xa1, 'holder name');
  const info = fields.optional(0xa2, 'holder digest');
  fields.end('holder');
  return {
    certificate: base && readIssuerSerial(fields.inside(base)),
    // A name that cannot be read is still a name that has to hold: it fits nothing.
    nameKey: names && (readDirectoryName(fields.inside(names))?.key ?? ''),
    digest: info && readDigest(fields.inside(info)),
  };
}

/** The only directory name in `names` (the contents of GeneralNames). */
export function readDirectoryName(names: ElementReader): DirectoryName | undefined {
  const found: DirectoryName[] = [];
  let others = 0;
  while (!names.done) {
    const name = names.any('general name');
    if (name.tag !== 0xa4) {
      others += 1;
      continue;
    }
    const outer = names.inside(name);
    const sequence = outer.read(tags.sequence, 'directory name');
    outer.end('directory name');
    found.push({ ...readName(outer.inside(sequence)), der: sequence.bytes });
  }
  return found.length === 1 && others === 0 ? found[0] : undefined;
}

/** IssuerSerial ::= SEQUENCE { issuer GeneralNames, serial INTEGER, issuerUID BIT STRING OPTIONAL }. */
function readIssuerSerial(fields: ElementReader): Holder['certificate'] {
  const issuer = readDirectoryName(fields.enter(tags.sequence, 'issuer of the holder'));
  const serialHex = encodeHex(fields.read(tags.integer, 'serial number of the holder').contents);
  fields.optional(tags.bitString, 'unique identifier of the issuer');
  fields.end('holder certificate');
  return { issuerKey: issuer?.key ?? '', serialHex };
}

function readDigest(fields: ElementReader): Holder['digest'] {
  const type = readSmallInteger(fields.read(tags.enumerated, 'kind of holder digest').contents);
  const other = fields.optional(tags.oid, 'other kind of holder digest');
  const algorithm = hashOids.get(
    readOid(fields.enter(tags.sequence, 'algorithm of the holder digest').read(tags.oid, 'digest algorithm').contents),
  );
  const [unused, ...value] = fields.read(tags.bitString, 'holder digest').contents;
  fields.end('holder digest');
  const isKnown = (type === 0 || type === 1) && other === undefined && unused === 0;
  return {
    of: type === 0 ? 'public-key' : 'certificate',
    // A holder named by SHA-1 is nobody: two certificates of one SHA-1 can be made.
    algorithm: isKnown && algorithm !== 'sha1' ? algorithm : undefined,
    value: Uint8Array.from(value),
  };
}

/** Whether `holder` names `certificate`: by issuer and serial number, or by digest. A name alone names nobody. */
export function isHolder(holder: Holder, certificate: Certificate): boolean {
  const { certificate: base, nameKey, digest } = holder;
  if (base === undefined && digest === undefined) return false;
  if (nameKey !== undefined && nameKey !== certificate.subjectKey) return false;
  if (base !== undefined && !isIssuerSerialOf(base, certificate)) return false;
  return digest === undefined || isDigestOf(digest, certificate);
}

function isIssuerSerialOf(
  { issuerKey, serialHex }: NonNullable<Holder['certificate']>,
  certificate: Certificate,
): boolean {
  // An empty name would be that of any other empty name. Leading zeros, with which some makers pad, make no other number.
  const isIssuer = certificate.issuerDer.length > 2 && issuerKey === certificate.issuerKey;
  return isIssuer && serialKey(serialHex) === serialKey(certificate.serialHex);
}

function isDigestOf({ of, algorithm, value }: NonNullable<Holder['digest']>, certificate: Certificate): boolean {
  if (algorithm === undefined) return false;
  return equalInConstantTime(hash(algorithm, of === 'certificate' ? certificate.der : certificate.spki), value);
}
