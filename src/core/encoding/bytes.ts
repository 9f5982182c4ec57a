// Bytes and their texts: hexadecimal, base64, base64url, UTF-8. Strict in what they accept: one spelling per value.
import { MalformedError } from '../error.ts';
import { allAtOnce, inPieces, type Pieces } from './pieces.ts';

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
  if (text.length > charactersAtOnce) return allAtOnce(readLongBase64(text));
  const bytes = readBase64(text);
  if (bytes === undefined) throw notCanonical();
  return ownBytes(bytes);
}

/** As `decodeBase64`.
 * @throws MalformedError ENCODING_BASE64_INVALID */
export function decodeBase64InPieces(text: string, pause: () => Promise<void>): Promise<Uint8Array> {
  return inPieces(readLongBase64(text), pause);
}

/** To decode so much takes some milliseconds, where it goes into memory that is fresh. */
const charactersInPiece = 1_048_576;

function* readLongBase64(text: string): Pieces<Uint8Array> {
  const start = endOfWholeBase64(text);
  const last = readBase64(text.slice(start));
  if (last === undefined) throw notCanonical();
  const bytes = Buffer.allocUnsafeSlow(bytesOf(start) + last.length);
  for (let at = 0; at < start; at += charactersAtOnce) {
    if (at > 0 && at % charactersInPiece === 0) yield;
    bytes.write(text.slice(at, at + charactersAtOnce), bytesOf(at), 'base64');
  }
  bytes.set(last, bytesOf(start));
  return ownBytes(bytes);
}

function notCanonical(): MalformedError {
  return new MalformedError('ENCODING_BASE64_INVALID', 'not canonical base64 text');
}

/** Whether `decodeBase64` reads it. */
export function isBase64(text: string): boolean {
  return readBase64(text.slice(endOfWholeBase64(text))) !== undefined;
}

/** Node copies a text before it reads it, and a long one into memory that is fresh: to read one of megabytes at once takes ten times as
 * long. */
const charactersAtOnce = 65_536;

function bytesOf(characters: number): number {
  return (characters / 4) * 3;
}

/** How much of a long text is base64 from its beginning on, piece by piece, and nothing but whole groups. What is left is short, or
 * is not base64. */
export function endOfWholeBase64(text: string): number {
  const end = text.length - charactersAtOnce;
  let start = 0;
  while (start < end && isWholeBase64(text.slice(start, start + charactersAtOnce))) start += charactersAtOnce;
  return start;
}

/** What was read of it is looked at by nobody. */
const scratch = Buffer.alloc(bytesOf(charactersAtOnce));

function isWholeBase64(piece: string): boolean {
  return scratch.write(piece, 'base64') === scratch.length && isOfAlphabet(piece);
}

/** As far as a Buffer does not see it. */
function isOfAlphabet(text: string): boolean {
  return Buffer.byteLength(text) === text.length && !text.includes('-') && !text.includes('_');
}

/** The bytes that `text` spells; undefined unless it is their one canonical spelling. A Buffer reads nearly anything: it skips characters
 * that are not base64, accepts base64url, and takes the low byte of characters beyond ASCII. So the text must be ASCII without the
 * two characters of base64url, as long as that many bytes are in base64 (then nothing was skipped), and its last group must be
 * spelled as the last bytes are. Encoding all bytes again to compare would be simpler, and slow for a log of megabytes. */
function readBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  const groups = Math.ceil(bytes.length / 3);
  const isWhole = text.length === 4 * groups;
  const isEndAlike = bytes.toString('base64', 3 * Math.max(0, groups - 1)) === text.slice(-4);
  return isWhole && isOfAlphabet(text) && isEndAlike ? bytes : undefined;
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
  // A long document is mostly base64 in ASCII, which is copied as it is.
  const ascii = bytes.length > longBytes ? readAscii(bytes) : undefined;
  if (ascii !== undefined) return ascii;
  try {
    return textDecoder.decode(bytes);
  } catch (cause) {
    throw new MalformedError('ENCODING_UTF8_INVALID', 'not valid UTF-8', { cause });
  }
}

const longBytes = 1_048_576;

/** Undefined where a byte is none of ASCII. */
function readAscii(bytes: Uint8Array): string | undefined {
  const text = asBuffer(bytes).toString('latin1');
  return Buffer.byteLength(text) === bytes.length ? text : undefined;
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

/** Copied by so much, where others have something to do too: memory is touched that nobody had before. */
const bytesInPiece = 1_048_576;

/** As `concatBytes`, in pieces. */
export async function concatInPieces(parts: readonly Uint8Array[], pause: () => Promise<void>): Promise<Uint8Array> {
  const result = new Uint8Array(Buffer.allocUnsafeSlow(parts.reduce((length, part) => length + part.length, 0)).buffer);
  let offset = 0;
  for (const part of parts) {
    for (let start = 0; start < part.length; start += bytesInPiece) {
      const piece = part.subarray(start, start + bytesInPiece);
      const next = offset + piece.length;
      if (Math.floor(next / bytesInPiece) > Math.floor(offset / bytesInPiece)) await pause();
      result.set(piece, offset);
      offset = next;
    }
  }
  return result;
}

/** Shorter ones are compared sooner than Buffer is asked to. */
const shortBytes = 256;

/** Equality that may return early: for values that are public. For secrets and nonces there is `equalInConstantTime` (crypto). */
export function bytesEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  if (left.length > shortBytes) return asBuffer(left).equals(right);
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
