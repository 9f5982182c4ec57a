// RSA signatures over a digest that somebody else computed: the kernel's file signatures. [RFC8017 §8.2.2]
import { constants, publicDecrypt } from 'node:crypto';
import { concatBytes } from '../encoding/index.ts';
import { digestSizes, equalInConstantTime, type HashAlgorithm } from './hash.ts';
import type { PublicKey } from './key.ts';

/** True only when `signature` is valid over a digest that was computed elsewhere (IMA file signatures): RSASSA with
 * that hash's DigestInfo. node:crypto has no such call, so the padding is opened and compared whole. ECDSA over a foreign
 * digest cannot be verified with node:crypto: such a signature vouches for nothing here. */
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
