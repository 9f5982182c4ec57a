// DER elements: tag, length, contents. [X.690 §8.1, §10.1]
// The gate in front of lenient readers: what passes here has one reading, bounded depth and a bounded number of elements.
import { MalformedError } from '../error.ts';
import { concatBytes } from './bytes.ts';
import { Cursor } from './cursor.ts';

export interface DerNode {
  /** Identifier octet: class, constructed bit and number together (0x30 SEQUENCE, 0xa0 constructed [0]). */
  readonly tag: number;
  readonly constructed: boolean;
  /** Contents octets, as a view on the input. */
  readonly contents: Uint8Array;
  /** The whole element, head included, as a view on the input. */
  readonly bytes: Uint8Array;
  /** Offset of the head in the input. */
  readonly offset: number;
  /** Elements inside; empty when primitive. */
  readonly children: readonly DerNode[];
}

export interface DerBounds {
  /** Deepest nesting. Default 32; a certificate needs about ten. */
  readonly maxDepth?: number;
  /** Most elements altogether. Default 65536. */
  readonly maxNodes?: number;
}

interface Reading {
  readonly input: Uint8Array;
  readonly maxDepth: number;
  nodesLeft: number;
}

/** Reads exactly one element and all that it contains. It does not look into OCTET STRINGs and BIT STRINGs.
 * @throws MalformedError ENCODING_DER_TRUNCATED, ENCODING_DER_TRAILING, ENCODING_DER_INVALID, ENCODING_DER_LIMIT */
export function readDer(bytes: Uint8Array, bounds: DerBounds = {}): DerNode {
  const cursor = cursorOver(bytes);
  const reading = { input: bytes, maxDepth: bounds.maxDepth ?? 32, nodesLeft: bounds.maxNodes ?? 65536 };
  const node = readNode(cursor, reading, 1);
  cursor.end('DER element');
  return node;
}

/** Splits the first element from what follows it: TPM memories pad certificates with zeros, 0xff or leftovers. Only the
 * outer head is read.
 * @throws MalformedError ENCODING_DER_TRUNCATED, ENCODING_DER_INVALID */
export function trimDer(bytes: Uint8Array): { readonly der: Uint8Array; readonly trailing: Uint8Array } {
  const cursor = cursorOver(bytes);
  readHead(cursor);
  return { der: bytes.subarray(0, cursor.position), trailing: bytes.subarray(cursor.position) };
}

/** One element with the shortest length form. */
export function encodeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...contents);
  if (body.length < 0x80) return concatBytes(Uint8Array.of(tag, body.length), body);
  const octets: number[] = [];
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return concatBytes(Uint8Array.of(tag, 0x80 | octets.length, ...octets), body);
}

function cursorOver(bytes: Uint8Array): Cursor {
  return new Cursor(bytes, {
    endianness: 'big',
    truncated: 'ENCODING_DER_TRUNCATED',
    trailing: 'ENCODING_DER_TRAILING',
  });
}

function readNode(cursor: Cursor, reading: Reading, depth: number): DerNode {
  const offset = cursor.offset;
  reading.nodesLeft -= 1;
  if (reading.nodesLeft < 0) throw new MalformedError('ENCODING_DER_LIMIT', 'too many elements', { at: offset });
  if (depth > reading.maxDepth) {
    throw new MalformedError('ENCODING_DER_LIMIT', `nested deeper than ${reading.maxDepth}`, { at: offset });
  }
  const { tag, inside } = readHead(cursor);
  const [start, end] = [inside.offset, cursor.offset];
  const constructed = (tag & 0x20) !== 0;
  const children: DerNode[] = [];
  if (constructed) while (inside.remaining > 0) children.push(readNode(inside, reading, depth + 1));
  const { input } = reading;
  return {
    tag,
    constructed,
    contents: input.subarray(start, end),
    bytes: input.subarray(offset, end),
    offset,
    children,
  };
}

/** Reads a head and steps over the contents, which `inside` covers. */
function readHead(cursor: Cursor): { readonly tag: number; readonly inside: Cursor } {
  const offset = cursor.offset;
  const tag = cursor.u8('tag');
  if ((tag & 0x1f) === 0x1f) throw invalid('a tag number of more than one octet', offset);
  return { tag, inside: cursor.sub(readLength(cursor), 'contents') };
}

function readLength(cursor: Cursor): number {
  const offset = cursor.offset;
  const first = cursor.u8('length');
  if (first < 0x80) return first;
  const count = first & 0x7f;
  if (count === 0) throw invalid('an indefinite length', offset);
  if (count > 4) throw invalid('a length of more than four octets', offset);
  const length = cursor.bytes(count, 'length').reduce((value, octet) => value * 256 + octet, 0);
  if (length < 0x80 || length < 256 ** (count - 1)) throw invalid('a length longer than needed', offset);
  return length;
}

function invalid(problem: string, at: number): MalformedError {
  return new MalformedError('ENCODING_DER_INVALID', problem, { at });
}
