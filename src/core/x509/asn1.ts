// Reader of the ASN.1 that certificates are made of. Strict in framing (definite, minimal lengths, single-byte tags);
// the values that makers get wrong are read tolerantly by name (leniency.ts), never here. [X.690 §8, §10]
import { encodeHex } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import type { ErrorCode } from '../error-codes.ts';

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element: identifier byte, contents, and the exact bytes of the whole. Slices share memory with the input. */
export interface Element {
  readonly tag: number;
  readonly contents: Uint8Array;
  readonly bytes: Uint8Array;
  /** Of the first byte, from the start of the outermost input. */
  readonly offset: number;
}

/** Reads the elements that stand one after the other in `bytes`; every failure carries `code` and an offset. */
export class ElementReader {
  readonly #bytes: Uint8Array;
  readonly #code: ErrorCode;
  readonly #base: number;
  #position = 0;

  constructor(bytes: Uint8Array, code: ErrorCode, base = 0) {
    this.#bytes = bytes;
    this.#code = code;
    this.#base = base;
  }

  get done(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** Position after the last element read, within this reader's own bytes. */
  get position(): number {
    return this.#position;
  }

  /** Identifier byte of the next element; undefined at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#position];
  }

  /** The next element, which must have this tag. */
  read(tag: number, what: string): Element {
    if (this.nextTag !== tag) {
      const found = this.nextTag === undefined ? 'the end' : `tag 0x${this.nextTag.toString(16)}`;
      throw this.#malformed(`${what}: tag 0x${tag.toString(16)} expected, ${found} found`);
    }
    return this.any(what);
  }

  /** The next element if it has this tag. */
  optional(tag: number, what: string): Element | undefined {
    return this.nextTag === tag ? this.read(tag, what) : undefined;
  }

  /** The next element, whatever it is. */
  any(what: string): Element {
    const start = this.#position;
    const tag = this.#byte(what);
    if ((tag & 0x1f) === 0x1f) throw this.#malformed(`${what}: multi-byte tags are not used in certificates`);
    const length = this.#length(what);
    if (length > this.#bytes.length - this.#position) {
      throw this.#malformed(`${what}: ${length} bytes announced, ${this.#bytes.length - this.#position} remain`);
    }
    const contents = this.#bytes.subarray(this.#position, this.#position + length);
    this.#position += length;
    return { tag, contents, bytes: this.#bytes.subarray(start, this.#position), offset: this.#base + start };
  }

  /** A reader over the contents of the next element, which must have this tag. */
  enter(tag: number, what: string): ElementReader {
    return this.inside(this.read(tag, what));
  }

  /** A reader over the contents of an element already read. */
  inside(element: Element): ElementReader {
    const header = element.bytes.length - element.contents.length;
    return new ElementReader(element.contents, this.#code, element.offset + header);
  }

  /** Asserts that nothing is left. */
  end(what: string): void {
    if (!this.done) throw this.#malformed(`${what}: ${this.#bytes.length - this.#position} bytes follow the end`);
  }

  #byte(what: string): number {
    const byte = this.#bytes[this.#position];
    if (byte === undefined) throw this.#malformed(`${what}: the bytes end here`);
    this.#position += 1;
    return byte;
  }

  #length(what: string): number {
    const first = this.#byte(what);
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw this.#malformed(`${what}: a length of an indefinite or unreasonable form`);
    let length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + this.#byte(what);
    if (length < 0x80 || length < 256 ** (count - 1))
      throw this.#malformed(`${what}: a length not in its shortest form`);
    return length;
  }

  #malformed(message: string): MalformedError {
    return new MalformedError(this.#code, message, { at: this.#base + this.#position });
  }
}

/** Dotted text of the contents of an OBJECT IDENTIFIER; undefined when they are malformed. */
export function readOid(contents: Uint8Array): string | undefined {
  const arcs: bigint[] = [];
  let arc = 0n;
  let starts = true;
  if (contents.length > 64) return undefined;
  for (const byte of contents) {
    if (starts && byte === 0x80) return undefined;
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    starts = byte < 0x80;
    if (starts) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const [first, ...rest] = arcs;
  if (first === undefined || !starts) return undefined;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}

/** The next element, which must be a UTCTime or GeneralizedTime.
 * @throws MalformedError with `code` */
export function readDate(reader: ElementReader, what: string, code: ErrorCode): Date {
  const element = reader.any(what);
  const date = readTime(element);
  if (date === undefined) throw new MalformedError(code, `${what} is not a time`, { at: element.offset });
  return date;
}

/** A UTCTime or GeneralizedTime, in UTC and with seconds; undefined when it is neither. It is read byte by byte and never made a string:
 * a revocation list has some hundred thousand times. [RFC5280 §4.1.2.5] */
export function readTime({ tag, contents }: Element): Date | undefined {
  const century = tag === tags.generalizedTime ? 2 : 0;
  if (century === 0 && tag !== tags.utcTime) return undefined;
  if (contents.length !== 13 + century || contents[12 + century] !== 0x5a) return undefined;
  const [month, day] = [twoDigits(contents, 2 + century), twoDigits(contents, 4 + century)];
  const [hour, minute] = [twoDigits(contents, 6 + century), twoDigits(contents, 8 + century)];
  const second = twoDigits(contents, 10 + century);
  const year = twoDigits(contents, century);
  // Two characters that are no digits give NaN, for which every comparison is false.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && hour < 24 && minute < 60 && second < 60))
    return undefined;
  const hundreds = century === 0 ? (year < 50 ? 20 : 19) : twoDigits(contents, 0);
  // `Date.UTC` takes a year before 100 for one of the twentieth century.
  const date = new Date(Date.UTC(2000, month - 1, 1, hour, minute, second));
  date.setUTCFullYear(hundreds * 100 + year, month - 1, day);
  return date.getUTCDate() === day ? date : undefined;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const [tens, ones] = [(bytes[at] ?? 0) - 0x30, (bytes[at + 1] ?? 0) - 0x30];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** A small non-negative INTEGER; undefined when it is negative, empty, not minimal or above 2^31. */
export function readSmallInteger(contents: Uint8Array): number | undefined {
  const [first, second = 0] = contents;
  if (first === undefined || first >= 0x80 || contents.length > 4) return undefined;
  if (contents.length > 1 && first === 0 && second < 0x80) return undefined;
  return Number.parseInt(encodeHex(contents), 16);
}

/** The text of a string element, of any string type that names may have. Undefined for other types. [RFC5280 §4.1.2.4] */
export function readText({ tag, contents }: Element): string | undefined {
  switch (tag) {
    case tags.utf8String:
    case tags.numericString:
    case tags.printableString:
    case tags.ia5String:
    case tags.visibleString:
      return new TextDecoder('utf-8').decode(contents);
    // In old roots. Read as Latin-1, as OpenSSL does: what makers wrote is the same in T.61.
    case tags.teletexString:
      return new TextDecoder('latin1').decode(contents);
    case tags.bmpString:
      return new TextDecoder('utf-16be').decode(contents);
    case tags.universalString:
      return readUtf32(contents);
    default:
      return undefined;
  }
}

function readUtf32(contents: Uint8Array): string | undefined {
  if (contents.length % 4 !== 0) return undefined;
  const view = new DataView(contents.buffer, contents.byteOffset, contents.length);
  const points = Array.from({ length: contents.length / 4 }, (_, index) => view.getUint32(index * 4));
  return points.every((point) => point <= 0x10ffff)
    ? points.map((point) => String.fromCodePoint(point)).join('')
    : undefined;
}
