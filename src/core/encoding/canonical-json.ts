// One spelling for each JSON value, to be hashed and signed. [RFC8785]
import { MalformedError } from '../error.ts';
import { encodeUtf8 } from './bytes.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Deepest nesting of arrays and objects that is written, and read unless told otherwise. */
export const maximumJsonDepth = 64;

/** Printable ASCII without quotation mark and backslash: it stands as it is. */
const plainText = /^[ !#-[\]-~]*$/;
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The RFC 8785 form of `value`. Stricter than the RFC in one point: only integers up to 2^53-1 have a form, because
 * nothing we sign holds a fraction and readers disagree about them.
 * @throws MalformedError ENCODING_JSON_NOT_CANONICAL, ENCODING_JSON_TOO_DEEP */
export function canonicalJson(value: JsonValue): Uint8Array {
  return encodeUtf8(canonicalText(value, '$', 0));
}

function canonicalText(value: JsonValue, at: string, depth: number): string {
  if (depth > maximumJsonDepth) {
    throw new MalformedError('ENCODING_JSON_TOO_DEEP', `nested deeper than ${maximumJsonDepth}`, { at });
  }
  switch (typeof value) {
    case 'string':
      return canonicalString(value, at);
    case 'number':
      if (!Number.isSafeInteger(value)) throw notCanonical('not an integer that is safe in every reader', at);
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : canonicalContainer(value, at, depth);
    default:
      throw notCanonical(`a ${typeof value} has no JSON form`, at);
  }
}

function canonicalContainer(value: readonly JsonValue[] | JsonObject, at: string, depth: number): string {
  if (isJsonArray(value)) {
    return `[${value.map((item, index) => canonicalText(item, `${at}[${index}]`, depth + 1)).join(',')}]`;
  }
  const keys = Object.keys(value);
  // RFC 8785 §3.2.3 sorts by UTF-16 code units, and so does this. Most objects are written in that order.
  if (!isAscending(keys)) keys.sort();
  let members = '';
  for (const key of keys) {
    if (members !== '') members += ',';
    members += `${canonicalString(key, at)}:${canonicalText(value[key] as JsonValue, `${at}.${key}`, depth + 1)}`;
  }
  return `{${members}}`;
}

function isAscending(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) if (String(keys[index]) < String(keys[index - 1])) return false;
  return true;
}

function canonicalString(text: string, at: string): string {
  if (plainText.test(text)) return `"${text}"`;
  if (loneSurrogate.test(text)) throw notCanonical('a text holds half a surrogate pair', at);
  return JSON.stringify(text);
}

export function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** True for an object that is no array: what JSON that others wrote should be, before any of its members is read. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return isRecord(value);
}

function notCanonical(problem: string, at: string): MalformedError {
  return new MalformedError('ENCODING_JSON_NOT_CANONICAL', problem, { at });
}
