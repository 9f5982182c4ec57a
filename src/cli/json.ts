// Values of the core as JSON: bytes in hexadecimal, maps as objects, big integers as decimal text, dates as ISO 8601.
import { isRecord } from '../core/encoding/index.ts';

export type JsonReady =
  string | number | boolean | null | readonly JsonReady[] | { readonly [name: string]: JsonReady };

/** `value` in JSON's own terms. Undefined members are left out; symbols and functions have no place here. */
export function toJson(value: unknown): JsonReady {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Set) return [...value].map(toJson);
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return fromEntries([...value].map(([key, item]) => [String(key), item]));
  return typeof value === 'object' ? fromEntries(Object.entries(value)) : null;
}

function fromEntries(entries: readonly (readonly [string, unknown])[]): JsonReady {
  const kept = entries.filter(([, item]) => item !== undefined);
  return Object.fromEntries(kept.map(([key, item]) => [key, toJson(item)]));
}

/** A JSON object, or undefined for anything else. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined;
}
