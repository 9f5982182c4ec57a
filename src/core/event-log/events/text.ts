// Texts inside event data. Lenient on purpose: they are shown (through `printable`) or compared, and no decision rests on
// how an invalid character is read; what is bound is the bytes.

import { bytesEqual } from '../../encoding/index.ts';

const latin1 = new TextDecoder('latin1');
const utf16 = new TextDecoder('utf-16le');

/** One character per byte, so that nothing is lost and nothing throws. */
export function decodeAscii(bytes: Uint8Array): string {
  return latin1.decode(bytes);
}

/** Whether `part` (not empty) stands anywhere in `bytes`. */
export function containsBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  const [first] = part;
  if (first === undefined) throw new TypeError('nothing to look for');
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let length = 1;
    while (length < part.length && bytes[at + length] === part[length]) length += 1;
    if (length === part.length) return true;
  }
  return false;
}

/** UTF-16LE without a byte-order mark; an odd last byte is dropped. */
export function decodeUtf16(bytes: Uint8Array): string {
  return readShortAscii(bytes) ?? utf16.decode(bytes.subarray(0, bytes.length & ~1));
}

/** The text of UTF-16LE that encodes to these very bytes; undefined where decoding changes something: a lone surrogate, a byte-order mark. */
export function readExactUtf16(bytes: Uint8Array): string | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  const short = readShortAscii(bytes);
  if (short !== undefined) return short;
  const text = utf16.decode(bytes);
  return bytesEqual(encodeUtf16(text), bytes) ? text : undefined;
}

/** In bytes. Up to here a loop is faster than a call of the decoder. */
const shortText = 128;

/** A short UTF-16LE text of ASCII characters, which every decoder reads alike; undefined for any other. */
function readShortAscii(bytes: Uint8Array): string | undefined {
  if (bytes.length > shortText) return undefined;
  let text = '';
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const low = bytes[at] ?? 0;
    if (low >= 0x80 || bytes[at + 1] !== 0) return undefined;
    text += String.fromCharCode(low);
  }
  return text;
}

export function withoutTrailingNul(text: string): string {
  return text.replace(/\0+$/, '');
}

/** UTF-16 code units, little-endian, without a NUL at the end. */
export function encodeUtf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index += 1) view.setUint16(index * 2, text.charCodeAt(index), true);
  return bytes;
}

/** Printable ASCII with at most trailing NULs: what firmware and GRUB write as text. */
export function isAsciiText(bytes: Uint8Array): boolean {
  const text = trimNul(bytes);
  for (const byte of text) {
    if (byte !== 0x09 && byte !== 0x0a && (byte < 0x20 || byte >= 0x7f)) return false;
  }
  return text.length > 0;
}

/** UTF-16LE text of the ASCII range, at least one character. */
export function isUtf16Text(bytes: Uint8Array): boolean {
  if (bytes.length < 2 || bytes.length % 2 !== 0 || !mayBeUtf16(bytes[1] ?? 0)) return false;
  const text = withoutTrailingNul(decodeUtf16(bytes));
  return text.length > 0 && /^[\t\n\u0020-\u007e\u00a0-\u024f]+$/.test(text);
}

/** By the upper byte of the first character alone: of the characters above, or of a byte-order mark. False for every ASCII text, without a
 * call of the decoder. */
function mayBeUtf16(upper: number): boolean {
  return upper <= 0x02 || upper === 0xfe;
}

export function trimNul(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}
