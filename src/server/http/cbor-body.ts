// A CBOR body in the shape of its JSON twin: same field names, byte strings for base64, and for hexadecimal below `pcrs`.
import { encodeBase64, encodeHex, isCborArray, isCborMap, type CborValue } from '../../core/encoding/index.ts';
import { ServerError } from '../errors.ts';

/** @throws ServerError REQUEST_INVALID */
export function jsonOfCbor(value: CborValue, at = ''): unknown {
  if (value instanceof Uint8Array) return at.startsWith('pcrs.') ? encodeHex(value) : encodeBase64(value);
  if (isCborMap(value)) {
    const fields = new Map<string, unknown>();
    for (const [key, item] of value) {
      const name = keyOf(key, at);
      // 1 and "1" are two keys of CBOR, and one name.
      if (fields.has(name)) throw new ServerError('REQUEST_INVALID', 'stands there twice', { at: joined(at, name) });
      fields.set(name, jsonOfCbor(item, joined(at, name)));
    }
    return Object.fromEntries(fields);
  }
  if (isCborArray(value)) return value.map((item, index) => jsonOfCbor(item, joined(at, String(index))));
  if (typeof value === 'bigint' || typeof value === 'number') return integerOf(value, at);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  throw unknownKind(at);
}

/** PCR indices may be integers here: CBOR has them as keys. */
function keyOf(key: string | number | bigint, at: string): string {
  if (typeof key !== 'string' && !/^pcrs\.[a-z0-9]+$/.test(at)) {
    throw new ServerError('REQUEST_INVALID', 'field names are text', { at });
  }
  if (key === '__proto__') throw new ServerError('REQUEST_INVALID', 'is not a known field', { at: joined(at, key) });
  return String(key);
}

function integerOf(value: bigint | number, at: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw unknownKind(at);
  return number;
}

function joined(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}

function unknownKind(at: string): ServerError {
  return new ServerError('REQUEST_INVALID', 'a value of a kind that the contract does not have', { at });
}
