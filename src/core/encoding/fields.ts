// Strict reading of the JSON documents that others write: statements, policies, lists, advisories, parts of bundles. A field nobody
// knows, a field of another type and a field out of bounds are refused with their path; nothing is coerced.
import { MalformedError } from '../error.ts';
import type { ErrorCode } from '../error-codes.ts';
import { decodeHex } from './bytes.ts';
import { printable } from './printable.ts';

/** A value of a JSON document, with the path that leads to it. */
export class Field {
  readonly path: string;
  readonly #value: unknown;
  readonly #code: ErrorCode;

  constructor(value: unknown, path: string, code: ErrorCode) {
    this.#value = value;
    this.path = path;
    this.#code = code;
  }

  get isPresent(): boolean {
    return this.#value !== undefined;
  }

  get isText(): boolean {
    return typeof this.#value === 'string';
  }

  /** The members of an object that has no others than `names`. */
  object<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, Field>> {
    for (const key of Object.keys(this.#object())) {
      if (!names.some((name) => name === key)) this.fail(`only ${names.join(', ')}`, `has "${printable(key, 64)}" too`);
    }
    return this.some(...names);
  }

  /** The members `names` of an object that may have others: for formats of other people, which anyone may add to. */
  some<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, Field>> {
    const value = this.#object();
    return Object.fromEntries(names.map((name) => [name, this.#member(value, name)])) as Record<Name, Field>;
  }

  /** Key and member of an object whose keys are data. */
  entries(limit: number): (readonly [string, Field])[] {
    const value = this.#object();
    const keys = Object.keys(value);
    if (keys.length > limit) this.fail(`at most ${limit} members`, `has ${keys.length}`);
    return keys.map((key) => [key, this.#member(value, key)] as const);
  }

  array(limit: number): Field[] {
    const value: unknown = this.#value;
    if (!Array.isArray(value)) return this.fail('an array');
    if (value.length > limit) this.fail(`at most ${limit} items`, `has ${value.length}`);
    return value.map((item: unknown, index) => new Field(item, `${this.path}[${index}]`, this.#code));
  }

  /** A text of 1 to `limit` characters, without control or invisible characters. */
  text(limit: number): string {
    const value = this.#value;
    if (typeof value !== 'string') return this.fail('a text');
    if (value.length === 0 || value.length > limit) this.fail(`1 to ${limit} characters`, `has ${value.length}`);
    if (printable(value, limit * 2) !== value.replaceAll('\\', '\\\\')) this.fail('printable characters only');
    return value;
  }

  /** Any text, for people only: what is not printable is escaped, what is beyond `limit` is cut. */
  words(limit: number): string {
    const value = this.#value;
    return typeof value === 'string' ? printable(value, limit - 1) : this.fail('a text');
  }

  /** As `text`, over several lines. */
  lines(limit: number): string {
    const value = this.#value;
    if (typeof value !== 'string') return this.fail('a text');
    for (const line of value.split(/\r?\n/).filter((part) => part !== '')) {
      new Field(line, this.path, this.#code).text(limit);
    }
    if (value.length === 0 || value.length > limit) this.fail(`1 to ${limit} characters`, `has ${value.length}`);
    return value;
  }

  integer(least: number, most: number): number {
    const value = this.#value;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
      return this.fail(`a whole number from ${least} to ${most}`);
    }
    return value;
  }

  oneOf<const Name extends string | boolean>(names: readonly Name[]): Name {
    const found = names.find((name) => name === this.#value);
    return found ?? this.fail(`one of ${names.join(', ')}`);
  }

  /** Lower-case hexadecimal of exactly `length` bytes. */
  hex(length: number): Uint8Array {
    const value = this.#value;
    if (typeof value !== 'string' || value.length !== length * 2 || !/^[0-9a-f]*$/.test(value)) {
      return this.fail(`${length} bytes in lower-case hexadecimal`);
    }
    return decodeHex(value);
  }

  /** A UTC time as `2026-11-25T00:00:00Z`, with or without milliseconds. */
  time(): Date {
    const value = this.#value;
    const isTime = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/.test(value);
    const time = isTime ? new Date(value) : undefined;
    // A 31 April rolls over to another day: refused, the text would say one time and mean another.
    if (
      time === undefined ||
      Number.isNaN(time.getTime()) ||
      !time.toISOString().startsWith(String(value).slice(0, 19))
    ) {
      return this.fail('a UTC time such as 2026-11-25T00:00:00Z');
    }
    return time;
  }

  /** `read(this)`, or `undefined` when the field is absent. */
  optional<T>(read: (field: Field) => T): T | undefined {
    return this.isPresent ? read(this) : undefined;
  }

  /** `read(this)`, or `undefined` when the field says null. */
  nullable<T>(read: (field: Field) => T): T | undefined {
    return this.#value === null ? undefined : read(this);
  }

  fail(expected: string, instead = `is ${kindOf(this.#value)}`): never {
    const where = this.path === '' ? '' : `${this.path}: `;
    throw new MalformedError(this.#code, `${where}${expected} expected, ${instead}`, { at: this.path });
  }

  #object(): object {
    const value = this.#value;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : this.fail('an object');
  }

  #member(value: object, name: string): Field {
    const member: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
    return new Field(member, this.path === '' ? name : `${this.path}.${name}`, this.#code);
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'another text' : `another ${typeof value}`;
}
