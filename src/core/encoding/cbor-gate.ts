// The gate that CBOR passes before cbor-x sees it. It reads heads, keys and the UTF-8 of texts, so its cost is linear in
// the input and it allocates little but the keys of open maps. What passes has one reading. [RFC8949 §4.2.1, §5.6]
import { MalformedError } from '../error.ts';
import type { ErrorCode } from '../error-codes.ts';
import { decodeUtf8, encodeHex } from './bytes.ts';
import { Cursor } from './cursor.ts';

export interface CborBounds {
  /** Tags that may occur; none by default. Tag 1 may stand over an integer only. */
  readonly tags?: ReadonlySet<number>;
  /** Deepest nesting of arrays, maps and tags. Default 16. */
  readonly maxDepth?: number;
  /** Most items altogether, keys included. Default 65536. */
  readonly maxItems?: number;
}

interface Gate {
  readonly input: Uint8Array;
  readonly cursor: Cursor;
  readonly tags: ReadonlySet<number>;
  readonly maxDepth: number;
  itemsLeft: number;
}

interface Head {
  readonly major: number;
  readonly argument: bigint;
  readonly offset: number;
}

/** Tag numbers between those that cbor-x turns into JavaScript values of its own making: dates, bignums, sets, shared
 * references, regular expressions, typed arrays, packed tables, records. */
const plainTags = [
  [16, 24],
  [30, 50],
  [52, 63],
  [88, 104],
  [106, 215],
  [260, 27646],
  [57344, 65534],
] as const;

/** Passes exactly one item: definite lengths, shortest heads, no float, no key twice, text or integer keys, valid UTF-8,
 * listed tags only, bounded depth and count, nothing after the end.
 * @throws MalformedError ENCODING_CBOR_TRUNCATED, _TRAILING, _FORBIDDEN, _DUPLICATE_KEY, _TAG, _LIMIT, ENCODING_UTF8_INVALID
 * @throws TypeError when the allow-list names a tag that cbor-x would interpret */
export function checkCbor(bytes: Uint8Array, bounds: CborBounds): void {
  const tags = bounds.tags ?? new Set();
  for (const tag of tags) {
    if (!isPlainTag(tag)) throw new TypeError(`CBOR tag ${tag} cannot be allowed: the decoder gives it a meaning`);
  }
  const cursor = new Cursor(bytes, {
    endianness: 'big',
    truncated: 'ENCODING_CBOR_TRUNCATED',
    trailing: 'ENCODING_CBOR_TRAILING',
  });
  const gate = { input: bytes, cursor, tags, maxDepth: bounds.maxDepth ?? 16, itemsLeft: bounds.maxItems ?? 65536 };
  checkItem(gate, 0);
  cursor.end('CBOR item');
}

function isPlainTag(tag: number): boolean {
  return tag === 1 || plainTags.some(([first, last]) => tag >= first && tag <= last);
}

function checkItem(gate: Gate, depth: number): Head {
  const head = readHead(gate);
  switch (head.major) {
    case 2:
      gate.cursor.bytes(lengthOf(head), 'byte string');
      break;
    case 3:
      checkText(gate, head);
      break;
    case 4:
      checkArray(gate, head, depth + 1);
      break;
    case 5:
      checkMap(gate, head, depth + 1);
      break;
    case 6:
      checkTag(gate, head, depth + 1);
      break;
    case 7:
      if (head.argument < 20n || head.argument > 23n) throw refuse('ENCODING_CBOR_FORBIDDEN', 'a simple value', head);
      break;
    default: // 0 and 1: an integer, which is its head
      break;
  }
  return head;
}

/** A byte order mark at the start is refused: cbor-x keeps it in short texts and drops it from long ones. */
function checkText(gate: Gate, head: Head): void {
  const text = decodeUtf8(gate.cursor.bytes(lengthOf(head), 'text'));
  if (text.startsWith('\ufeff')) throw refuse('ENCODING_CBOR_FORBIDDEN', 'a text with a byte order mark', head);
}

function checkArray(gate: Gate, head: Head, depth: number): void {
  enter(gate, head, depth);
  const count = lengthOf(head);
  gate.cursor.checkCount(count, 1, 'array');
  for (let index = 0; index < count; index += 1) checkItem(gate, depth);
}

function checkMap(gate: Gate, head: Head, depth: number): void {
  enter(gate, head, depth);
  const count = lengthOf(head);
  gate.cursor.checkCount(count, 2, 'map');
  const seen = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    const key = checkItem(gate, depth);
    if (key.major !== 0 && key.major !== 1 && key.major !== 3) {
      throw refuse('ENCODING_CBOR_FORBIDDEN', 'a map key that is neither text nor integer', key);
    }
    // Heads are the shortest: equal keys have equal bytes.
    const bytes = encodeHex(gate.input.subarray(key.offset, gate.cursor.offset));
    if (seen.has(bytes)) throw refuse('ENCODING_CBOR_DUPLICATE_KEY', 'a map key occurs twice', key);
    seen.add(bytes);
    checkItem(gate, depth);
  }
}

function checkTag(gate: Gate, head: Head, depth: number): void {
  enter(gate, head, depth);
  if (head.argument > 0xffffffffn || !gate.tags.has(Number(head.argument))) {
    throw refuse('ENCODING_CBOR_TAG', `tag ${head.argument.toString()}`, head);
  }
  const content = checkItem(gate, depth);
  if (head.argument !== 1n) return;
  // A time of more than 40 bits would not survive the decoder's Date.
  if (content.major > 1 || content.argument >= 1n << 40n) throw refuse('ENCODING_CBOR_TAG', 'tag 1 over no time', head);
}

function enter(gate: Gate, head: Head, depth: number): void {
  if (depth > gate.maxDepth) throw refuse('ENCODING_CBOR_LIMIT', `nested deeper than ${gate.maxDepth}`, head);
}

/** Major type and argument, refused unless the argument is written in its shortest form. */
function readHead(gate: Gate): Head {
  const offset = gate.cursor.offset;
  const initial = gate.cursor.u8('CBOR head');
  const major = initial >> 5;
  const information = initial & 0x1f;
  const head = (argument: bigint): Head => ({ major, argument, offset });
  gate.itemsLeft -= 1;
  if (gate.itemsLeft < 0) throw refuse('ENCODING_CBOR_LIMIT', 'too many items', head(0n));
  if (information < 24) return head(BigInt(information));
  // In major type 7 these are floats and two-byte simple values; 28 to 31 are unassigned or indefinite.
  if (major === 7 || information > 27)
    throw refuse('ENCODING_CBOR_FORBIDDEN', 'a float or an indefinite length', head(0n));
  const size = 2 ** (information - 24);
  const argument = BigInt(`0x${encodeHex(gate.cursor.bytes(size, 'CBOR head'))}`);
  const least = size === 1 ? 24n : 1n << BigInt(4 * size);
  if (argument < least) throw refuse('ENCODING_CBOR_FORBIDDEN', 'a head longer than needed', head(argument));
  return head(argument);
}

/** A length beyond 2^53 becomes an inexact number, which no input is long enough to satisfy. */
function lengthOf(head: Head): number {
  return Number(head.argument);
}

function refuse(code: ErrorCode, problem: string, head: Head): MalformedError {
  return new MalformedError(code, problem, { at: head.offset });
}
