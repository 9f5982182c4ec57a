// RSA signatures over a digest that somebody else computed: the file signatures that IMA measures. [RFC8017 §8.2.2]
import { constants, publicDecrypt } from 'node:crypto';
import { concatBytes } from '../encoding/index.ts';
import { digestSizes, equalInConstantTime, type HashAlgorithm } from './hash.ts';
import type { PublicKey } from './key.ts';

/** True only when `signature` is an RSASSA-PKCS1-v1_5 signature of `digest`, which `hash` made elsewhere. node:crypto verifies messages
 * only, so the padding is opened and the DigestInfo compared whole. For ECDSA it has no such way in: a signature by another key than
 * an RSA key is never valid here. */
export function verifySignatureOfDigest(
  key: PublicKey,
  hash: HashAlgorithm,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.type !== 'rsa' || digest.length !== digestSizes[hash]) return false;
  try {
    const options = { key: key.handle, padding: constants.RSA_PKCS1_PADDING };
    const opened = new Uint8Array(publicDecrypt(options, signature));
    return equalInConstantTime(opened, concatBytes(digestInfoPrefixes[hash], digest));
  } catch {
    return false;
  }
}

/** DER of DigestInfo up to the digest. [RFC8017 §9.2 note 1] */
const digestInfoPrefixes: Readonly<Record<HashAlgorithm, Uint8Array>> = {
  sha1: Uint8Array.from([0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14]),
  sha256: digestInfoPrefix(1, 32),
  sha384: digestInfoPrefix(2, 48),
  sha512: digestInfoPrefix(3, 64),
};

function digestInfoPrefix(arc: number, size: number): Uint8Array {
  const oid = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc];
  return Uint8Array.from([0x30, 17 + size, 0x30, 13, 0x06, 9, ...oid, 0x05, 0x00, 0x04, size]);
}
