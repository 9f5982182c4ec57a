// AlgorithmIdentifier of signatures. What is not in the table verifies nothing. [RFC4055, RFC5758, RFC8410]
import type { HashAlgorithm, SignatureScheme } from '../crypto/index.ts';
import { encodeHex } from '../encoding/index.ts';
import { tags, readOid, type Element, type ElementReader } from './asn1.ts';
import type { LeniencyId } from './leniency.ts';
import { hashOids, keyOids } from './oids.table.ts';

export interface SignatureAlgorithm {
  readonly oid: string;
  /** Undefined when the algorithm, or a parameter of it, is not supported. */
  readonly scheme: SignatureScheme | undefined;
  readonly leniency?: LeniencyId;
}

const rsassa = (hash: HashAlgorithm): SignatureScheme => ({ kind: 'rsassa', hash });
const ecdsa = (hash: HashAlgorithm): SignatureScheme => ({ kind: 'ecdsa', hash, encoding: 'der' });
const pssOid = '1.2.840.113549.1.1.10';
const rsaEncryptionOid = keyOids.rsaEncryption;
const mgf1Oid = '1.2.840.113549.1.1.8';

const schemesByOid: Readonly<Record<string, SignatureScheme>> = {
  '1.2.840.113549.1.1.5': rsassa('sha1'),
  '1.2.840.113549.1.1.11': rsassa('sha256'),
  '1.2.840.113549.1.1.12': rsassa('sha384'),
  '1.2.840.113549.1.1.13': rsassa('sha512'),
  '1.2.840.10045.4.1': ecdsa('sha1'),
  '1.2.840.10045.4.3.2': ecdsa('sha256'),
  '1.2.840.10045.4.3.3': ecdsa('sha384'),
  '1.2.840.10045.4.3.4': ecdsa('sha512'),
  '1.3.101.112': { kind: 'ed25519' },
};

/** The algorithm in `reader` (the contents of an AlgorithmIdentifier). */
export function readSignatureAlgorithm(reader: ElementReader): SignatureAlgorithm {
  const oid = readOid(reader.read(tags.oid, 'signature algorithm').contents) ?? '';
  const parameters = reader.done ? undefined : reader.any('signature parameters');
  reader.end('signature algorithm');
  if (oid === pssOid) {
    const scheme = parameters?.tag === tags.sequence ? readPss(reader.inside(parameters)) : undefined;
    return { oid, scheme };
  }
  const scheme = Object.hasOwn(schemesByOid, oid) ? schemesByOid[oid] : undefined;
  const isNull = parameters?.tag === tags.null && parameters.contents.length === 0;
  switch (scheme?.kind) {
    case 'rsassa':
      // Absent must be read as NULL is. [RFC4055 §5]
      return { oid, scheme: isNull || parameters === undefined ? scheme : undefined };
    case 'ecdsa':
      return isNull
        ? { oid, scheme, leniency: 'null-ecdsa-parameters' }
        : { oid, scheme: parameters === undefined ? scheme : undefined };
    default:
      return { oid, scheme: parameters === undefined ? scheme : undefined };
  }
}

/** The algorithm of a CMS signature: as `readSignatureAlgorithm`, and the bare rsaEncryption, whose hash is that of the
 * digest. Undefined when it is not supported. [RFC3370 §3.2] */
export function readContentSignatureAlgorithm(
  reader: ElementReader,
  digest: HashAlgorithm,
): SignatureScheme | undefined {
  const { oid, scheme } = readSignatureAlgorithm(reader);
  return oid === rsaEncryptionOid ? rsassa(digest) : scheme;
}

/** The hash that an AlgorithmIdentifier (its contents in `reader`) names, with absent or NULL parameters. [RFC5754 §2] */
export function hashOfAlgorithm(reader: ElementReader): HashAlgorithm | undefined {
  const oid = readOid(reader.read(tags.oid, 'hash algorithm').contents);
  const parameters = reader.optional(tags.null, 'hash parameters');
  reader.end('hash algorithm');
  const isPlain = parameters === undefined || parameters.contents.length === 0;
  return isPlain ? hashOids.get(oid) : undefined;
}

/** RSASSA-PSS with MGF1 over the same hash, both named; anything else is not supported. The salt length is found when verifying. The
 * trailer field has one possible value, which may be left out or, as AMD does, be written. [RFC4055 §3.1] */
function readPss(reader: ElementReader): SignatureScheme | undefined {
  const hashField = reader.optional(0xa0, 'PSS hash');
  const maskField = reader.optional(0xa1, 'PSS mask generation');
  reader.optional(0xa2, 'PSS salt length');
  const trailer = reader.optional(0xa3, 'PSS trailer');
  if (trailer !== undefined && encodeHex(trailer.contents) !== '020101') return undefined;
  if (!reader.done || hashField === undefined || maskField === undefined) return undefined;
  const hash = readHash(reader, hashField);
  const mask = reader.inside(maskField).enter(tags.sequence, 'PSS mask generation');
  if (readOid(mask.read(tags.oid, 'PSS mask generation').contents) !== mgf1Oid) return undefined;
  const maskHash = hashOids.get(readOid(mask.enter(tags.sequence, 'PSS mask hash').read(tags.oid, 'hash').contents));
  return hash !== undefined && hash === maskHash ? { kind: 'rsapss', hash } : undefined;
}

function readHash(reader: ElementReader, field: Element): HashAlgorithm | undefined {
  const algorithm = reader.inside(field).enter(tags.sequence, 'PSS hash');
  return hashOids.get(readOid(algorithm.read(tags.oid, 'PSS hash').contents));
}
