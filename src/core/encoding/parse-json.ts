// JSON that has one reading only: no key twice, no `__proto__`, nothing after the end, bounded nesting. [RFC8259] [RFC7493]
// `JSON.parse` keeps the last of two equal keys, other readers the first: a signed document must not mean two things.
import { MalformedError } from '../error.ts';
import { decodeUtf8 } from './bytes.ts';
import { maximumJsonDepth, type JsonValue } from './canonical-json.ts';
import { allAtOnce, inPieces, type Pieces } from './pieces.ts';
import { printable } from './printable.ts';

export interface JsonBounds {
  /** Deepest nesting of arrays and objects. Default 64. */
  readonly maxDepth?: number;
  /** Most values altogether, names of members included. As many as there are unless told. */
  readonly maxItems?: number;
}

/** Reads a whole JSON document. The caller bounds the length of `bytes`; the memory used is linear in it.
 * @throws MalformedError ENCODING_UTF8_INVALID, ENCODING_JSON_INVALID, ENCODING_JSON_DUPLICATE_KEY, ENCODING_JSON_TOO_DEEP,
 *   ENCODING_JSON_LIMIT */
export function parseJsonStrict(bytes: Uint8Array, bounds: JsonBounds = {}): JsonValue {
  return allAtOnce(readJson(bytes, bounds));
}

/** The same for whoever has something else to do: a document of some megabytes may be a million empty lists.
 * @throws MalformedError as `parseJsonStrict` */
export function parseJsonInPieces(
  bytes: Uint8Array,
  bounds: JsonBounds,
  pause: () => Promise<void>,
): Promise<JsonValue> {
  return inPieces(readJson(bytes, bounds), pause);
}

/** To read so many characters takes some milliseconds, where each is a value. */
const charactersInPiece = 32_768;

/** To decode so much takes a millisecond. */
const longBytes = 1_048_576;

/** As `parseJsonStrict`. */
export function* readJson(
  bytes: Uint8Array,
  { maxDepth = maximumJsonDepth, maxItems = Infinity }: JsonBounds,
): Pieces<JsonValue> {
  const text = decodeUtf8(bytes);
  if (bytes.length > longBytes) yield;
  const reader = new JsonReader(text, { maxDepth, maxItems });
  for (;;) {
    const document = reader.readOn(charactersInPiece);
    if (document !== undefined) return document.value;
    yield;
  }
}

// Sticky, and without nested repetition: linear in the text it matches.
const numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const blanks = /[ \n\r\t]*/y;
const literals = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** A list or an object that has not ended; in an object, under which name the next value stands. */
type Open =
  | { readonly items: JsonValue[]; readonly members?: undefined }
  | { readonly members: Record<string, JsonValue>; key: string };

/** Index after the quotation mark that closes the string which begins at `start`; `start` itself where no string begins or it is never
 * closed. Searched by hand: a regular expression that skips escapes keeps one backtracking state for each character, and runs out of
 * stack on strings of some megabytes. */
function endOfText(text: string, start: number): number {
  if (text[start] !== '"') return start;
  let end = start;
  do end = text.indexOf('"', end + 1);
  while (end !== -1 && isEscaped(text, end));
  return end === -1 ? start : end + 1;
}

/** An odd number of backslashes before it. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first -= 1;
  return (at - first) % 2 === 1;
}

function readText(token: string): string {
  return JSON.parse(token) as string;
}

const longText = 1_048_576;

/** To make a copy of a text of megabytes takes longer than to read it: without escapes it is part of the document as it stands. */
function readLongText(document: string, start: number, end: number): string {
  const text = document.slice(start + 1, end - 1);
  if (text.includes('\\')) return readText(document.slice(start, end));
  for (let at = 0; at < text.length; at += charactersInPiece) readText(`"${text.slice(at, at + charactersInPiece)}"`);
  return text;
}

class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #open: Open[] = [];
  #itemsLeft: number;
  #position = 0;

  constructor(text: string, { maxDepth, maxItems }: Required<JsonBounds>) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#itemsLeft = maxItems;
  }

  /** Goes on for some `characters`. Undefined where the document goes on behind them. */
  readOn(characters: number): { readonly value: JsonValue } | undefined {
    const until = this.#position + characters;
    do {
      const value = this.#begin();
      const document = value === undefined ? undefined : this.#put(value);
      if (document === undefined) continue;
      this.#skipBlanks();
      if (this.#position < this.#text.length) throw this.#invalid('text follows the end');
      return document;
    } while (this.#position < until);
    return undefined;
  }

  /** The next value, where it is whole; undefined where it was opened, and its first one is to come. */
  #begin(): JsonValue | undefined {
    this.#skipBlanks();
    this.#count();
    switch (this.#text[this.#position]) {
      case '{': {
        this.#enter();
        const members: Record<string, JsonValue> = {};
        if (this.#take('}')) return members;
        this.#open.push({ members, key: this.#key(members) });
        return undefined;
      }
      case '[': {
        this.#enter();
        if (this.#take(']')) return [];
        this.#open.push({ items: [] });
        return undefined;
      }
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  /** Puts a value where it stands, and what ends behind it where that stands. The document, where all of it ended. */
  #put(whole: JsonValue): { readonly value: JsonValue } | undefined {
    let value = whole;
    for (let open = this.#open.at(-1); open !== undefined; open = this.#open.at(-1)) {
      if (open.members === undefined) {
        open.items.push(value);
        if (this.#take(',')) return undefined;
        if (!this.#take(']')) throw this.#invalid("',' or ']' expected");
        value = open.items;
      } else {
        open.members[open.key] = value;
        if (this.#take(',')) {
          open.key = this.#key(open.members);
          return undefined;
        }
        if (!this.#take('}')) throw this.#invalid("',' or '}' expected");
        value = open.members;
      }
      this.#open.pop();
    }
    return { value };
  }

  #key(members: Readonly<Record<string, JsonValue>>): string {
    this.#skipBlanks();
    this.#count();
    const at = this.#position;
    const key = this.#string();
    if (key === '__proto__') throw new MalformedError('ENCODING_JSON_INVALID', 'the key __proto__ is refused', { at });
    if (Object.hasOwn(members, key)) {
      throw new MalformedError('ENCODING_JSON_DUPLICATE_KEY', `the key ${printable(key, 64)} occurs twice`, { at });
    }
    if (!this.#take(':')) throw this.#invalid("':' expected");
    return key;
  }

  #string(): string {
    const start = this.#position;
    const end = endOfText(this.#text, start);
    try {
      const text =
        end - start > longText ? readLongText(this.#text, start, end) : readText(this.#text.slice(start, end));
      this.#position = end;
      return text;
    } catch {
      throw this.#invalid('a text is malformed or has no end');
    }
  }

  #scalar(): JsonValue {
    for (const [word, value] of literals) {
      if (this.#text.startsWith(word, this.#position)) {
        this.#position += word.length;
        return value;
      }
    }
    const token = this.#match(numberToken);
    if (token === '') throw this.#invalid('a value expected');
    const number = Number(token);
    if (!Number.isFinite(number)) throw this.#invalid('a number too large for any reader');
    return number;
  }

  #enter(): void {
    if (this.#open.length >= this.#maxDepth) {
      const at = this.#position;
      throw new MalformedError('ENCODING_JSON_TOO_DEEP', `nested deeper than ${this.#maxDepth}`, { at });
    }
    this.#position += 1;
  }

  #count(): void {
    this.#itemsLeft -= 1;
    if (this.#itemsLeft < 0) {
      throw new MalformedError('ENCODING_JSON_LIMIT', 'too many values', { at: this.#position });
    }
  }

  #take(mark: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#position] !== mark) return false;
    this.#position += 1;
    return true;
  }

  #skipBlanks(): void {
    if (this.#text.charCodeAt(this.#position) <= 0x20) this.#match(blanks);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const token = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += token.length;
    return token;
  }

  #invalid(problem: string): MalformedError {
    return new MalformedError('ENCODING_JSON_INVALID', problem, { at: this.#position });
  }
}
