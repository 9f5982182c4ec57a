// Writer of DER: one spelling per value. [X.690 §10, §11]
import { concatBytes } from '../encoding/index.ts';
import { tags } from './asn1.ts';

/** Identifier, minimal length and contents. */
export function derElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...contents);
  return concatBytes(Uint8Array.of(tag), derLength(body.length), body);
}

export function derSequence(...members: readonly Uint8Array[]): Uint8Array {
  return derElement(tags.sequence, ...members);
}

/** A non-negative INTEGER of this big-endian magnitude. */
export function derInteger(magnitude: Uint8Array): Uint8Array {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const digits = start === -1 ? Uint8Array.of(0) : magnitude.subarray(start);
  return derElement(tags.integer, (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0), digits);
}

/** A BIT STRING of whole bytes: no unused bits. */
export function derBitString(bytes: Uint8Array): Uint8Array {
  return derElement(tags.bitString, Uint8Array.of(0), bytes);
}

/** An OBJECT IDENTIFIER, given in dotted decimal with two arcs at least. */
export function derOid(dotted: string): Uint8Array {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  return derElement(tags.oid, ...[first * 40n + second, ...rest].map(base128));
}

/** UTCTime before 2050, GeneralizedTime from then on. [RFC5280 §4.1.2.5] */
export function derTime(date: Date): Uint8Array {
  const text = `${date.toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`;
  if (Number.isNaN(date.getTime()) || !/^\d{14}Z$/.test(text)) throw new RangeError('a date between year 0 and 9999');
  const utc = date.getUTCFullYear() >= 1950 && date.getUTCFullYear() < 2050;
  const shown = utc ? text.slice(2) : text;
  return derElement(utc ? tags.utcTime : tags.generalizedTime, new TextEncoder().encode(shown));
}

function derLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.of(0x80 | digits.length, ...digits);
}

function base128(arc: bigint): Uint8Array {
  const digits = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) digits.unshift(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from(digits);
}
