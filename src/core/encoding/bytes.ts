// Bytes and their texts: hexadecimal, base64, base64url, UTF-8. Strict in what they accept: one spelling per value.
import { MalformedError } from '../error.ts';

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Lower-case hexadecimal of `bytes`. */
export function encodeHex(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('hex');
}

/** @throws MalformedError ENCODING_HEX_INVALID */
export function decodeHex(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(text.length / 2));
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = (hexDigit(text.charCodeAt(2 * index)) << 4) | hexDigit(text.charCodeAt(2 * index + 1));
    if (byte < 0) throw new MalformedError('ENCODING_HEX_INVALID', 'not hexadecimal text of even length');
    bytes[index] = byte;
  }
  return bytes;
}

/** Value of a hexadecimal digit by its ASCII code; -1 for every other code. */
const hexDigits = Int8Array.from({ length: 128 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()),
);

/** Value of a digit, or -1: also for the NaN that `charCodeAt` gives past the end of a text of odd length. */
function hexDigit(code: number): number {
  return hexDigits[code] ?? -1;
}

/** Base64 with padding. [RFC4648 §4] */
export function encodeBase64(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64');
}

/** Base64 with padding, canonical only. [RFC4648 §4]
 * @throws MalformedError ENCODING_BASE64_INVALID */
export function decodeBase64(text: string): Uint8Array {
  const bytes = readBase64(text);
  if (bytes === undefined) throw new MalformedError('ENCODING_BASE64_INVALID', 'not canonical base64 text');
  return ownBytes(bytes);
}

/** Whether `decodeBase64` reads it. */
export function isBase64(text: string): boolean {
  return readBase64(text) !== undefined;
}

/** The bytes that `text` spells; undefined unless it is their one canonical spelling. A Buffer reads nearly anything: it skips characters
 * that are not base64, accepts base64url, and takes the low byte of characters beyond ASCII. So the text must be ASCII without the
 * two characters of base64url, as long as that many bytes are in base64 (then nothing was skipped), and its last group must be
 * spelled as the last bytes are. Encoding all bytes again to compare would be simpler, and slow for a log of megabytes. */
function readBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  const groups = Math.ceil(bytes.length / 3);
  const isWhole = text.length === 4 * groups && Buffer.byteLength(text) === text.length;
  const isOfAlphabet = !text.includes('-') && !text.includes('_');
  const isEndAlike = bytes.toString('base64', 3 * Math.max(0, groups - 1)) === text.slice(-4);
  return isWhole && isOfAlphabet && isEndAlike ? bytes : undefined;
}

/** Base64url without padding. [RFC4648 §5] */
export function encodeBase64url(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64url');
}

/** Base64url without padding, canonical only. [RFC4648 §5]
 * @throws MalformedError ENCODING_BASE64_INVALID */
export function decodeBase64url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) {
    throw new MalformedError('ENCODING_BASE64_INVALID', 'not canonical base64url text');
  }
  return ownBytes(bytes);
}

/** A lone surrogate becomes U+FFFD: two texts can have the same bytes. */
export function encodeUtf8(text: string): Uint8Array {
  return textEncoder.encode(text);
}

/** @throws MalformedError ENCODING_UTF8_INVALID */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return textDecoder.decode(bytes);
  } catch (cause) {
    throw new MalformedError('ENCODING_UTF8_INVALID', 'not valid UTF-8', { cause });
  }
}

/** The parts one after the other, copied into one array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

/** Shorter ones are compared sooner than Buffer is asked to. */
const longBytes = 256;

/** Equality that may return early: for values that are public. For secrets and nonces there is `equalInConstantTime` (crypto). */
export function bytesEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  if (left.length > longBytes) return asBuffer(left).equals(right);
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}

/** `value`, not negative, as `length` big-endian bytes.
 * @throws RangeError when it does not fit */
export function encodeUnsigned(value: number | bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt(value);
  for (let index = length - 1; index >= 0; index -= 1) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  if (rest !== 0n) throw new RangeError(`value does not fit ${length} bytes`);
  return bytes;
}

/** `bytes` widened with leading zeros to `length`; longer input is returned unchanged. */
export function leftPad(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes;
  const padded = new Uint8Array(length);
  padded.set(bytes, length - bytes.length);
  return padded;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A short Buffer is a slice of a pool that Node shares among many: it is copied, so that it does not keep the whole pool in memory. A
 * long one owns its memory and is used as it is. */
function ownBytes(buffer: Buffer): Uint8Array {
  const isAlone = buffer.buffer.byteLength === buffer.length;
  return isAlone ? new Uint8Array(buffer.buffer) : new Uint8Array(buffer);
}
