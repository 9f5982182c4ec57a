// Digests. The only door to node:crypto is this room.
import { hash as hashOnce, createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The hash algorithms a bank, a signature or a log may use. Anything else is named by number and never trusted. */
export type HashAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Digest sizes in bytes. */
export const digestSizes: Readonly<Record<HashAlgorithm, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** A digest never travels without the algorithm that made it. */
export interface Digest {
  readonly alg: HashAlgorithm;
  readonly value: Uint8Array;
}

/** Whether `name` is a hash algorithm that is known here. */
export function isHashAlgorithm(name: string): name is HashAlgorithm {
  return Object.hasOwn(digestSizes, name);
}

/** H(part || part || ...). */
export function hash(alg: HashAlgorithm, ...parts: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array(), second] = parts;
  if (second === undefined) return bytesOf(hashOnce(alg, first, 'binary'));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > joinedBytes) return hashLong(alg, parts);
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return bytesOf(hashOnce(alg, joined, 'binary'));
}

/** To hash so much takes half a millisecond, or two where the processor has no instructions for it. */
const bytesInPiece = 1_048_576;

/** H(bytes), for whoever has something else to do: what is longer is hashed in pieces. */
export async function hashInPieces(
  alg: HashAlgorithm,
  bytes: Uint8Array,
  pause: () => Promise<void>,
): Promise<Uint8Array> {
  if (bytes.length <= bytesInPiece) return hash(alg, bytes);
  const state = createHash(alg);
  for (let start = 0; start < bytes.length; start += bytesInPiece) {
    if (start > 0) await pause();
    state.update(bytes.subarray(start, start + bytesInPiece));
  }
  return new Uint8Array(state.digest());
}

/** H(text), of its UTF-8. */
export function hashText(alg: HashAlgorithm, text: string): Uint8Array {
  return bytesOf(hashOnce(alg, text, 'binary'));
}

/** H(bytes), in lower-case hexadecimal. */
export function hashHex(alg: HashAlgorithm, bytes: Uint8Array): string {
  return hashOnce(alg, bytes, 'hex');
}

/** Whether H(bytes) is `digest`. Not in constant time: for digests that are public, or that came from the same sender as the bytes. */
export function isHashOf(alg: HashAlgorithm, bytes: Uint8Array, digest: Uint8Array): boolean {
  const text = hashOnce(alg, bytes, 'binary');
  if (text.length !== digest.length) return false;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) !== digest[index]) return false;
  return true;
}

/** Up to here it costs less to join the parts than to make a hash state. */
const joinedBytes = 4096;

function hashLong(alg: HashAlgorithm, parts: readonly Uint8Array[]): Uint8Array {
  const state = createHash(alg);
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}

/** SM3 of part || part || ..., 32 bytes: to show what a bank of that algorithm replays to. No verdict rests on it: `HashAlgorithm`, from
 * which signatures and policies choose, does not have it. [SM3] */
export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHash('sm3');
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}

/** H(...H(H(start || link) || link)...): what a register of this bank holds after it held `start` and was extended with
 * each link in turn. Each has the size of the bank, and one buffer is used for all of them. */
export function hashChain(alg: HashAlgorithm, start: Uint8Array, links: readonly Uint8Array[]): Uint8Array {
  const size = digestSizes[alg];
  if (start.length !== size) throw new TypeError(`a ${alg} register has ${size} bytes, not ${start.length}`);
  const joined = new Uint8Array(2 * size);
  joined.set(start);
  for (const link of links) {
    if (link.length !== size) throw new TypeError(`a ${alg} digest has ${size} bytes, not ${link.length}`);
    joined.set(link, size);
    writeBytes(hashOnce(alg, joined, 'binary'), joined);
  }
  return joined.slice(0, size);
}

/** node:crypto makes a text of one character for each byte in half the time that a Buffer takes. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeBytes(text, bytes);
  return bytes;
}

function writeBytes(text: string, target: Uint8Array): void {
  for (let index = 0; index < text.length; index += 1) target[index] = text.charCodeAt(index);
}

/** HMAC of part || part || ..., not truncated: as many bytes as the hash has. [RFC2104] */
export function hmac(alg: HashAlgorithm, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHmac(alg, key);
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}

/** Constant-time equality of secrets, nonces and digests. Different lengths are different. */
export function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
