// Typed looks into CBOR, with the path of what is wrong. The bytes come from whoever made the CoRIM.
import { MalformedError } from '../error.ts';
import {
  encodeHex,
  isCborArray,
  isCborMap,
  printable,
  Tagged,
  type CborMap,
  type CborValue,
} from '../encoding/index.ts';

/** A refusal of a place in a file of others. Only its maker can correct it, unless the file was cut or altered on its way. */
export function invalid(at: string, problem: string): MalformedError {
  const remedy = `Have whoever made the CoRIM correct ${at} (${problem}) and make it again. If it is right there, the file was changed on its way: fetch it anew and compare its SHA-256 with the maker's.`;
  return new MalformedError('CORIM_INVALID', `${at}: ${problem}`, { at, remedy });
}

/** A refusal of a place in a file of our own profile, which `touchstone golden export` writes correctly. */
export function invalidOwn(at: string, problem: string): MalformedError {
  const remedy = `Export it again from its golden measurements: \`touchstone golden export FILE --out FILE\`. What others write under our profile has to follow docs/corim.md: ${problem}.`;
  return new MalformedError('CORIM_INVALID', `${at}: ${problem}`, { at, remedy });
}

export function readMap(value: CborValue, at: string): CborMap {
  if (!isCborMap(value)) throw invalid(at, 'a map is expected');
  return value;
}

export function readArray(value: CborValue, at: string, most: number, least = 1): readonly CborValue[] {
  if (!isCborArray(value)) throw invalid(at, 'a list is expected');
  if (value.length < least || value.length > most)
    throw invalid(at, `${value.length} items, ${least} to ${most} expected`);
  return value;
}

/** One, or a list of one or more: the shorter spelling that CoRIM allows in places. */
export function readOneOrMore(value: CborValue, at: string, most: number): readonly CborValue[] {
  return isCborArray(value) ? readArray(value, at, most) : [value];
}

export function readText(value: CborValue, at: string, most = 1024): string {
  if (typeof value !== 'string' || value.length > most)
    throw invalid(at, `text of at most ${most} characters is expected`);
  return value;
}

/** Text, or a UUID as bare bytes. */
export function readId(value: CborValue, at: string): string {
  if (value instanceof Uint8Array && value.length === 16) return encodeHex(value);
  const text = readText(value, at);
  if (text === '') throw invalid(at, 'is empty');
  return text;
}

export function readInteger(value: CborValue, at: string, least: number, most: number): number {
  if (typeof value !== 'number' || value < least || value > most) {
    throw invalid(at, `a whole number from ${least} to ${most} is expected`);
  }
  return value;
}

export function readBytes(value: CborValue, at: string, most: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length > most) throw invalid(at, `at most ${most} bytes are expected`);
  return value;
}

export function isTagged(value: CborValue, tag: number): value is Tagged {
  return value instanceof Tagged && value.tag === tag;
}

/** Tag 1 over whole seconds. */
export function readTime(value: CborValue, at: string): Date {
  if (!isTagged(value, 1) || typeof value.value !== 'number') throw invalid(at, 'a time is expected (tag 1)');
  const time = new Date(value.value * 1000);
  if (Number.isNaN(time.getTime())) throw invalid(at, 'the time is beyond all dates');
  return time;
}

/** A label of a map, for messages. */
export function labelText(label: string | number | bigint): string {
  return typeof label === 'string' ? printable(label, 64) : String(label);
}
