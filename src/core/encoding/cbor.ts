// CBOR values that have one reading: a strict gate in front of cbor-x, and a deterministic encoder. [RFC8949 §4.2.1]
import { Decoder } from 'cbor-x/decode';
import { concatBytes, encodeUnsigned, encodeUtf8 } from './bytes.ts';
import { checkCbor, type CborBounds } from './cbor-gate.ts';

/** Integers within ±(2^53-1) are numbers, others bigints. Map keys are text or integers. */
export type CborValue =
  null | undefined | boolean | number | bigint | string | Uint8Array | readonly CborValue[] | CborMap | Tagged;

export type CborKey = string | number | bigint;

export type CborMap = ReadonlyMap<CborKey, CborValue>;

/** A value under a tag. */
export class Tagged {
  readonly tag: number;
  readonly value: CborValue;

  constructor(tag: number, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

// No option may be left to its default: by default cbor-x makes objects of maps and records of arrays.
const options = { mapsAsObjects: false, useRecords: false, tagUint8Array: false } as const;

/** Reads exactly one CBOR item that passes the gate (`checkCbor`): cbor-x alone keeps the last of two equal keys, and
 * lets the sender choose among a dozen JavaScript types. Byte strings are copies.
 * @throws MalformedError ENCODING_CBOR_TRUNCATED, _TRAILING, _FORBIDDEN, _DUPLICATE_KEY, _TAG, _LIMIT, ENCODING_UTF8_INVALID */
export function parseCbor(bytes: Uint8Array, bounds: CborBounds = {}): CborValue {
  checkCbor(bytes, bounds);
  // A decoder of its own for each document: nothing that one sender wrote is remembered when the next one writes. And an
  // array of its own: cbor-x leaves a property on the one it reads.
  return toValue(new Decoder(options).decode(Uint8Array.from(bytes)));
}

export function isCborMap(value: CborValue): value is CborMap {
  return value instanceof Map;
}

export function isCborArray(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

/** What cbor-x returned, in the types of this file. Its Date can only be tag 1 over an integer: the gate let nothing else by. */
function toValue(decoded: unknown): CborValue {
  if (typeof decoded === 'bigint') return narrow(decoded);
  if (typeof decoded !== 'object' || decoded === null) return decoded as CborValue;
  if (decoded instanceof Uint8Array) return Uint8Array.from(decoded);
  if (decoded instanceof Date) return new Tagged(1, decoded.getTime() / 1000);
  if (Array.isArray(decoded)) return decoded.map(toValue);
  if (decoded instanceof Map) {
    return new Map([...decoded].map(([key, value]) => [toValue(key) as CborKey, toValue(value)]));
  }
  const { tag, value } = decoded as { tag: number; value: unknown };
  return new Tagged(tag, toValue(value));
}

function narrow(integer: bigint): number | bigint {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

/** The deterministic encoding: shortest heads, map keys in the order of their encoded bytes. Numbers must be integers.
 * @throws TypeError for a value that has no such encoding */
export function encodeCbor(value: CborValue): Uint8Array {
  switch (typeof value) {
    case 'undefined':
      return Uint8Array.of(0xf7);
    case 'boolean':
      return Uint8Array.of(value ? 0xf5 : 0xf4);
    case 'number':
      if (!Number.isSafeInteger(value)) throw new TypeError('only integers up to 2^53-1 are encoded as numbers');
      return encodeInteger(BigInt(value));
    case 'bigint':
      return encodeInteger(value);
    case 'string':
      return withHead(3, encodeUtf8(value));
    case 'object':
      return value === null ? Uint8Array.of(0xf6) : encodeObject(value);
    default:
      throw new TypeError(`a ${typeof value} has no CBOR form`);
  }
}

function encodeObject(value: Uint8Array | readonly CborValue[] | CborMap | Tagged): Uint8Array {
  if (value instanceof Uint8Array) return withHead(2, value);
  if (value instanceof Tagged) return concatBytes(head(6, BigInt(value.tag)), encodeCbor(value.value));
  if (isCborMap(value)) {
    const entries = [...value].map(([key, item]) => [encodeCbor(key), encodeCbor(item)] as const);
    entries.sort(([left], [right]) => compareBytes(left, right));
    return concatBytes(head(5, BigInt(entries.length)), ...entries.flat());
  }
  if (isCborArray(value)) return concatBytes(head(4, BigInt(value.length)), ...value.map(encodeCbor));
  throw new TypeError('an object of this kind has no CBOR form');
}

function encodeInteger(integer: bigint): Uint8Array {
  return integer >= 0n ? head(0, integer) : head(1, -1n - integer);
}

function withHead(major: number, bytes: Uint8Array): Uint8Array {
  return concatBytes(head(major, BigInt(bytes.length)), bytes);
}

function head(major: number, argument: bigint): Uint8Array {
  if (argument < 24n) return Uint8Array.of((major << 5) | Number(argument));
  for (const [information, size] of [24, 25, 26, 27].map((code, index) => [code, 2 ** index] as const)) {
    if (argument < 1n << BigInt(8 * size)) {
      return concatBytes(Uint8Array.of((major << 5) | information), encodeUnsigned(argument, size));
    }
  }
  throw new TypeError('an integer beyond 64 bits has no CBOR form');
}

/** Bytewise lexicographic order. [RFC8949 §4.2.1] */
function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
