// File signatures in security.ima: type, version 2, hash algorithm, key id, length, signature over the file's digest.
// [LINUX include/uapi/linux/integrity.h, security/integrity/digsig.c]
import { MalformedError } from '../error.ts';
import { Cursor, encodeHex } from '../encoding/index.ts';
import { verifySignatureOfDigest, type HashAlgorithm, type PublicKey } from '../crypto/index.ts';
import type { ImaEntry } from './parse.ts';

/** hash_algo of include/uapi/linux/hash_info.h, as far as signatures use it. */
const hashAlgorithms: Readonly<Record<number, HashAlgorithm>> = { 2: 'sha1', 4: 'sha256', 5: 'sha384', 6: 'sha512' };

export interface ImaSignature {
  readonly hash: HashAlgorithm;
  /** Last four bytes of the signer's subject key identifier: a hint, not an identity. */
  readonly untrustedKeyId: string;
  readonly value: Uint8Array;
}

/** @throws MalformedError IMA_SIGNATURE_MALFORMED */
export function parseImaSignature(bytes: Uint8Array): ImaSignature {
  const cursor = new Cursor(bytes, {
    endianness: 'big',
    truncated: 'IMA_SIGNATURE_MALFORMED',
    trailing: 'IMA_SIGNATURE_MALFORMED',
  });
  const type = cursor.u8('type');
  const version = cursor.u8('version');
  const hash = hashAlgorithms[cursor.u8('hash algorithm')];
  if (type !== 3 || version !== 2 || hash === undefined) {
    throw new MalformedError('IMA_SIGNATURE_MALFORMED', `type ${type}, version ${version} is not supported`, { at: 0 });
  }
  const untrustedKeyId = encodeHex(cursor.bytes(4, 'key id'));
  const value = cursor.bytes(cursor.u16('signature length'), 'signature');
  cursor.end('signature');
  return { hash, untrustedKeyId, value };
}

/** True when `key` signed the digest this entry states. The signature covers the digest, so a list that replays and a
 * signature that verifies together say: this signer vouches for the file that was measured. */
export function isSignedBy(entry: ImaEntry, key: PublicKey): boolean {
  if (entry.signature.length === 0 || entry.violation || entry.digest.kind !== 'file') return false;
  let signature: ImaSignature;
  try {
    signature = parseImaSignature(entry.signature);
  } catch {
    return false;
  }
  if (signature.hash !== entry.digest.algorithm) return false;
  return verifySignatureOfDigest(key, signature.hash, entry.digest.value, signature.value);
}
