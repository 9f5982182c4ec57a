// JSON that has one reading only: no key twice, no `__proto__`, nothing after the end, bounded nesting. [RFC8259] [RFC7493]
// `JSON.parse` keeps the last of two equal keys, other readers the first: a signed document must not mean two things.
import { MalformedError } from '../error.ts';
import { decodeUtf8 } from './bytes.ts';
import { maximumJsonDepth, type JsonValue } from './canonical-json.ts';
import { printable } from './printable.ts';

export interface JsonBounds {
  /** Deepest nesting of arrays and objects. Default 64. */
  readonly maxDepth?: number;
}

/** Reads a whole JSON document. Who calls bounds the length of `bytes`; the memory used is linear in it.
 * @throws MalformedError ENCODING_UTF8_INVALID, ENCODING_JSON_INVALID, ENCODING_JSON_DUPLICATE_KEY, ENCODING_JSON_TOO_DEEP */
export function parseJsonStrict(bytes: Uint8Array, bounds: JsonBounds = {}): JsonValue {
  const reader = new JsonReader(decodeUtf8(bytes), bounds.maxDepth ?? maximumJsonDepth);
  return reader.document();
}

// Sticky, and without nested repetition: linear in the text it matches.
const numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const literals = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

/** Behind the quotation mark that ends the text which begins at `start`; `start` where there is none. Looked for and not matched by a
 * pattern: one that tells escapes from other characters remembers a way back for each of them, and has no room for millions. */
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

class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  #position = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  document(): JsonValue {
    const value = this.#value(0);
    this.#skipBlanks();
    if (this.#position < this.#text.length) throw this.#invalid('text follows the end');
    return value;
  }

  #value(depth: number): JsonValue {
    this.#skipBlanks();
    switch (this.#text[this.#position]) {
      case '{':
        return this.#object(depth + 1);
      case '[':
        return this.#array(depth + 1);
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #object(depth: number): JsonValue {
    this.#enter(depth);
    const object: Record<string, JsonValue> = {};
    if (this.#take('}')) return object;
    do {
      this.#skipBlanks();
      const at = this.#position;
      const key = this.#string();
      if (key === '__proto__')
        throw new MalformedError('ENCODING_JSON_INVALID', 'the key __proto__ is refused', { at });
      if (Object.hasOwn(object, key)) {
        throw new MalformedError('ENCODING_JSON_DUPLICATE_KEY', `the key ${printable(key, 64)} occurs twice`, { at });
      }
      if (!this.#take(':')) throw this.#invalid("':' expected");
      object[key] = this.#value(depth);
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#invalid("',' or '}' expected");
    return object;
  }

  #array(depth: number): JsonValue {
    this.#enter(depth);
    const array: JsonValue[] = [];
    if (this.#take(']')) return array;
    do array.push(this.#value(depth));
    while (this.#take(','));
    if (!this.#take(']')) throw this.#invalid("',' or ']' expected");
    return array;
  }

  #string(): string {
    const start = this.#position;
    const end = endOfText(this.#text, start);
    try {
      const text = JSON.parse(this.#text.slice(start, end)) as string;
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

  #enter(depth: number): void {
    if (depth > this.#maxDepth) {
      const at = this.#position;
      throw new MalformedError('ENCODING_JSON_TOO_DEEP', `nested deeper than ${this.#maxDepth}`, { at });
    }
    this.#position += 1;
  }

  #take(mark: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#position] !== mark) return false;
    this.#position += 1;
    return true;
  }

  #skipBlanks(): void {
    while (isBlank(this.#text[this.#position])) this.#position += 1;
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
