// SubjectPublicKeyInfo, with the one repair that TPM makers need. [RFC5280 §4.1.2.7, RFC4055 §4]
import { hash, publicKeyFromSpki, type PublicKey } from '../crypto/index.ts';
import { AttestationError } from '../error.ts';
import { ElementReader, tags, readOid, type Element } from './asn1.ts';
import { derElement, derOid, derSequence } from './der-writer.ts';
import { keyOids } from './oids.table.ts';

export interface SubjectKey {
  /** Re-wrapped when the original was labelled id-RSAES-OAEP. */
  readonly spki: Uint8Array;
  /** The key bits alone: what key identifiers are made of. */
  readonly keyBits: Uint8Array;
  readonly publicKey: PublicKey | undefined;
  readonly rewrapped: boolean;
}

/** The key in the SubjectPublicKeyInfo `element`. `outer` is any reader that carries the right error code. */
export function readSubjectKey(outer: ElementReader, element: Element): SubjectKey {
  const info = outer.inside(element);
  const algorithm = info.enter(tags.sequence, 'key algorithm');
  const bits = info.read(tags.bitString, 'public key');
  info.end('SubjectPublicKeyInfo');
  const oid = readOid(algorithm.read(tags.oid, 'key algorithm').contents);
  const rewrapped = oid === keyOids.rsaesOaep;
  const spki = rewrapped ? wrapAsRsa(bits.bytes) : element.bytes;
  // Explicit curve parameters let a forger choose the generator (CVE-2020-0601): only named curves are read.
  const readable = oid !== keyOids.ecPublicKey || algorithm.nextTag === tags.oid;
  return { spki, keyBits: bits.contents.subarray(1), publicKey: readable ? loadKey(spki) : undefined, rewrapped };
}

/** The leftmost 160 bits of the SHA-256 of the key bits. [RFC7093 §2] */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  const outer = new ElementReader(spki, 'X509_CERTIFICATE_MALFORMED');
  const { keyBits } = readSubjectKey(outer, outer.read(tags.sequence, 'SubjectPublicKeyInfo'));
  return hash('sha256', keyBits).subarray(0, 20);
}

function wrapAsRsa(bitString: Uint8Array): Uint8Array {
  return derSequence(derSequence(derOid(keyOids.rsaEncryption), derElement(tags.null)), bitString);
}

function loadKey(spki: Uint8Array): PublicKey | undefined {
  try {
    return publicKeyFromSpki(spki);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}
