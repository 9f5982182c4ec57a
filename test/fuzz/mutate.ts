// How an input becomes another one: blind changes of bytes, and changes that know how our formats are built (lengths in
// front of what they count, counts, magic words, decimal numbers in text).
import { concatBytes, encodeUtf8 } from '../../src/core/encoding/index.ts';
import type { Random } from './random.ts';

export interface Material {
  /** Other inputs, to splice with. */
  readonly others: readonly Uint8Array[];
  /** Words that the format knows. */
  readonly tokens: readonly Uint8Array[];
  readonly maximumLength: number;
}

type Mutator = (random: Random, bytes: Uint8Array, material: Material) => Uint8Array;

const oddBytes = [0, 1, 2, 0x0a, 0x1e, 0x20, 0x22, 0x30, 0x7f, 0x80, 0xfe, 0xff] as const;
const oddNumbers = [0, 1, 2, 3, 4, 7, 8, 16, 20, 23, 24, 32, 48, 64, 127, 128, 255, 256, 4096, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff] as const; // prettier-ignore
const oddDecimals = ['0', '-0', '-1', '1', '23', '24', '255', '65536', '4294967295', '4294967296', '9007199254740993', '1e308', '1e999', '0.1', '1E2', 'null', '""', '[]', '{}'] as const; // prettier-ignore

/** One to six changes, one after the other. */
export function mutate(random: Random, input: Uint8Array, material: Material): Uint8Array {
  let bytes = input;
  for (let rounds = 1 + random.below(random.chance(0.3) ? 6 : 2); rounds > 0; rounds -= 1) {
    bytes = random.pick(mutators)(random, bytes, material);
  }
  return bytes.length > material.maximumLength ? bytes.subarray(0, material.maximumLength) : bytes;
}

const flipBit: Mutator = (random, bytes) =>
  change(bytes, (copy) => {
    const at = random.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  });

const setByte: Mutator = (random, bytes) =>
  change(bytes, (copy) => {
    copy[random.below(copy.length)] = random.chance(0.5) ? random.pick(oddBytes) : random.below(256);
  });

/** A number of 2, 4 or 8 bytes becomes one at an edge, or its neighbour. */
const setNumber: Mutator = (random, bytes) =>
  change(bytes, (copy) => {
    const [size, little] = [random.pick([2, 4, 8]), random.chance(0.5)];
    const at = random.below(copy.length - size + 1);
    if (copy.length < size) return;
    const before = readNumber(copy, at, Math.min(size, 4), little);
    const value = random.pick([
      random.pick(oddNumbers),
      before + 1,
      before - 1,
      copy.length - at,
      copy.length - at - size,
    ]);
    writeNumber(copy, at, size, value, little);
  });

const remove: Mutator = (random, bytes) => {
  const [start, end] = range(random, bytes.length);
  return concatBytes(bytes.subarray(0, start), bytes.subarray(end));
};

const truncate: Mutator = (random, bytes) => bytes.subarray(0, random.below(bytes.length));

const duplicate: Mutator = (random, bytes) => {
  const [start, end] = range(random, bytes.length);
  const times = random.chance(0.1) ? 2 + random.below(64) : 1;
  const copies = Array.from({ length: times }, () => bytes.subarray(start, end));
  return concatBytes(bytes.subarray(0, end), ...copies, bytes.subarray(end));
};

const move: Mutator = (random, bytes) => {
  const [start, end] = range(random, bytes.length);
  const rest = concatBytes(bytes.subarray(0, start), bytes.subarray(end));
  const at = random.below(rest.length + 1);
  return concatBytes(rest.subarray(0, at), bytes.subarray(start, end), rest.subarray(at));
};

const insertNoise: Mutator = (random, bytes) => {
  const at = random.below(bytes.length + 1);
  const [first, isRun] = [random.below(256), random.chance(0.5)];
  const noise = Uint8Array.from({ length: 1 + random.below(16) }, () => (isRun ? first : random.below(256)));
  return concatBytes(bytes.subarray(0, at), noise, bytes.subarray(at));
};

const splice: Mutator = (random, bytes, { others }) => {
  const other = others[random.below(others.length)] ?? bytes;
  const [start, end] = range(random, other.length, random.chance(0.3) ? other.length : 512);
  const at = random.below(bytes.length + 1);
  const skipped = random.chance(0.5) ? end - start : 0;
  return concatBytes(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at + skipped));
};

const placeToken: Mutator = (random, bytes, { tokens }) => {
  const token = tokens[random.below(tokens.length)] ?? Uint8Array.of(0);
  const at = random.below(bytes.length + 1);
  const skipped = random.chance(0.5) ? token.length : 0;
  return concatBytes(bytes.subarray(0, at), token, bytes.subarray(at + skipped));
};

/** A length and what it counts change together, so that what comes behind is still read as it was. */
const resizeCounted: Mutator = (random, bytes) => {
  const [size, little] = [random.pick([1, 2, 4, 4]), random.chance(0.5)];
  for (let tries = 64; tries > 0 && bytes.length > size; tries -= 1) {
    const at = random.below(bytes.length - size);
    const length = readNumber(bytes, at, size, little);
    const start = at + size;
    if (length < 1 || length > bytes.length - start) continue;
    const resized = resize(random, bytes.subarray(start, start + length));
    const head = Uint8Array.from(bytes.subarray(0, start));
    writeNumber(head, at, size, resized.length, little);
    return concatBytes(head, resized, bytes.subarray(start + length));
  }
  return bytes;
};

/** A decimal number in a text becomes another, or another kind of value. */
const setDecimal: Mutator = (random, bytes) => {
  const from = random.below(bytes.length);
  const start = bytes.findIndex((byte, index) => index >= from && isDigit(byte));
  if (start < 0) return bytes;
  let end = start;
  while (isDigit(bytes[end])) end += 1;
  return concatBytes(bytes.subarray(0, start), encodeUtf8(random.pick(oddDecimals)), bytes.subarray(end));
};

const mutators: readonly [Mutator, ...Mutator[]] = [
  flipBit,
  setByte,
  setNumber,
  setNumber,
  remove,
  truncate,
  duplicate,
  move,
  insertNoise,
  splice,
  placeToken,
  resizeCounted,
  resizeCounted,
  setDecimal,
];

function resize(random: Random, content: Uint8Array): Uint8Array {
  if (random.chance(0.4)) return content.subarray(0, random.below(content.length));
  const filled = new Uint8Array(1 + random.below(random.chance(0.1) ? 4096 : 32)).fill(random.pick(oddBytes));
  return random.chance(0.5) ? concatBytes(content, filled) : filled;
}

function change(bytes: Uint8Array, edit: (copy: Uint8Array) => void): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (copy.length > 0) edit(copy);
  return copy;
}

function range(random: Random, length: number, longest = 64): readonly [number, number] {
  const start = random.below(length);
  return [start, Math.min(length, start + 1 + random.below(longest))];
}

function readNumber(bytes: Uint8Array, at: number, size: number, little: boolean): number {
  const field = bytes.subarray(at, at + size);
  return (little ? field.toReversed() : field).reduce((value, byte) => value * 256 + byte, 0);
}

function writeNumber(bytes: Uint8Array, at: number, size: number, value: number, little: boolean): void {
  let rest = BigInt.asUintN(64, BigInt(value));
  for (let index = 0; index < size; index += 1) {
    bytes[little ? at + index : at + size - 1 - index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
