// One file of plain files: the ustar form of tar, which every system can unpack. We write one spelling of it and read no other, so
// that nothing hides in a header. [POSIX pax, ustar]
import { bytesEqual, concatBytes, concatInPieces, decodeUtf8, encodeUtf8 } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';

export interface Part {
  /** Path inside the archive: at most three levels. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const block = 512;
const maximumArchiveBytes = 64 * 1024 * 1024;
const maximumParts = 16_384;
const namePattern = /^(?=.{1,99}$)[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*){0,2}$/;

/** @throws MalformedError EVIDENCE_TOO_LARGE, EVIDENCE_ARCHIVE_MALFORMED */
export function encodeArchive(parts: readonly Part[]): Uint8Array {
  return concatBytes(...blocksOf(parts));
}

/** As `encodeArchive`.
 * @throws MalformedError EVIDENCE_TOO_LARGE, EVIDENCE_ARCHIVE_MALFORMED */
export async function encodeArchiveInPieces(parts: readonly Part[], pause: () => Promise<void>): Promise<Uint8Array> {
  return concatInPieces(blocksOf(parts), pause);
}

function blocksOf(parts: readonly Part[]): readonly Uint8Array[] {
  const size = parts.reduce((sum, { bytes }) => sum + block + paddedSize(bytes.length), 2 * block);
  checkBounds(size, parts.length);
  const names = new Set(parts.map(({ name }) => name));
  if (names.size < parts.length || ![...names].every((name) => namePattern.test(name))) {
    throw malformed('a name twice, or one that no archive may have', 0);
  }
  const padding = (length: number): Uint8Array => new Uint8Array(paddedSize(length) - length);
  return [
    ...parts.flatMap(({ name, bytes }) => [headerOf(name, bytes.length), bytes, padding(bytes.length)]),
    new Uint8Array(2 * block),
  ];
}

/** @throws MalformedError EVIDENCE_TOO_LARGE, EVIDENCE_ARCHIVE_MALFORMED with the byte offset */
export function parseArchive(bytes: Uint8Array): readonly Part[] {
  checkBounds(bytes.length, 0);
  const parts = new Map<string, Part>();
  let offset = 0;
  while (bytes[offset] !== 0) {
    const { name, size } = readHeader(bytes, offset);
    const start = offset + block;
    const end = start + size;
    const next = start + paddedSize(size);
    if (next > bytes.length) throw malformed(`${name} is cut off`, start);
    if (!isZero(bytes.subarray(end, next))) throw malformed(`something stands behind ${name}`, end);
    if (parts.has(name)) throw malformed(`${name} is there twice`, offset);
    parts.set(name, { name, bytes: bytes.slice(start, end) });
    checkBounds(bytes.length, parts.size);
    offset = next;
  }
  if (bytes.length !== offset + 2 * block || !isZero(bytes.subarray(offset))) {
    throw malformed('two empty blocks are expected, and then the end', offset);
  }
  return [...parts.values()];
}

/** The name and the size, of a header that is the one we would write for them. */
function readHeader(bytes: Uint8Array, offset: number): { readonly name: string; readonly size: number } {
  const header = bytes.subarray(offset, offset + block);
  if (header.length < block) throw malformed('cut off in a header', offset);
  const name = textOf(header.subarray(0, 100));
  const digits = textOf(header.subarray(124, 136));
  if (!namePattern.test(name)) throw malformed('a name that no part may have', offset);
  if (!/^[0-7]{11}$/.test(digits)) throw malformed('a size that is no octal number', offset + 124);
  const size = Number.parseInt(digits, 8);
  if (!bytesEqual(header, headerOf(name, size))) throw malformed(`the header of ${name} is not in our form`, offset);
  return { name, size };
}

/** An ordinary file that belongs to nobody, of no time: equal parts are equal bytes. */
function headerOf(name: string, size: number): Uint8Array {
  const header = new Uint8Array(block);
  const put = (at: number, text: string): void => header.set(encodeUtf8(text), at);
  put(0, name);
  put(100, '0000644\x000000000\x000000000\0');
  put(124, `${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`);
  put(148, ' '.repeat(8));
  put(156, '0');
  put(257, 'ustar\x0000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  const text = field.subarray(0, end === -1 ? field.length : end);
  return text.every((byte) => byte >= 0x20 && byte < 0x7f) ? decodeUtf8(text) : '';
}

function paddedSize(length: number): number {
  return Math.ceil(length / block) * block;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function checkBounds(size: number, parts: number): void {
  if (size <= maximumArchiveBytes && parts <= maximumParts) return;
  const bounds = `${maximumArchiveBytes} bytes in ${maximumParts} parts`;
  throw new MalformedError('EVIDENCE_TOO_LARGE', `a bundle has at most ${bounds}`, { at: 0 });
}

function malformed(problem: string, at: number): MalformedError {
  return new MalformedError('EVIDENCE_ARCHIVE_MALFORMED', problem, { at });
}
