// The formats that golden measurements are imported from, and which of them a file is of: by its first bytes.
import { MalformedError } from '../error.ts';
import { isJsonObject, parseJsonStrict, type JsonObject } from '../encoding/index.ts';
import { looksLikeSignedData } from '../x509/index.ts';

/** Version of each importer: raised whenever it reads the same bytes otherwise. It stands in the provenance. */
export const importerVersions = {
  corim: 1,
  'tcg-rim': 1,
  'in-toto': 1,
  dsse: 1,
  sigstore: 1,
  cms: 1,
} as const;

export type ImportFormat = keyof typeof importerVersions;

export const importFormats = Object.keys(importerVersions) as readonly ImportFormat[];

/** What any of these files may hold; nesting is bounded again by each reader. */
const maximumDocument = 16 * 1024 * 1024;

const coswidTag = [0xda, 0x53, 0x57, 0x49, 0x44];

/** Every format begins in its own way, so that no file can be of two.
 * @throws MalformedError IMPORT_FORMAT_UNKNOWN, and those of JSON */
export function recogniseFormat(bytes: Uint8Array): ImportFormat {
  if (bytes.length > maximumDocument) throw unknown(`${bytes.length} bytes are too many`);
  if (looksLikeSignedData(bytes)) return 'cms';
  const [first = 0] = bytes;
  if (first === 0x3c) return 'tcg-rim';
  if (coswidTag.every((byte, index) => bytes[index] === byte)) {
    throw unknown('a CoSWID tag without signature: only signed SWID tags in XML are read');
  }
  // A CBOR tag.
  if (first >= 0xc0 && first <= 0xdb) return 'corim';
  if (isJson(bytes)) return formatOfJson(readObject(bytes));
  throw unknown('none of the formats begins like this');
}

/** @throws MalformedError IMPORT_FORMAT_UNKNOWN, and those of JSON */
export function readObject(bytes: Uint8Array): JsonObject {
  const value = parseJsonStrict(bytes, { maxDepth: 16 });
  if (!isJsonObject(value)) throw unknown('JSON that is no object');
  return value;
}

function isJson(bytes: Uint8Array): boolean {
  const start = bytes.findIndex((byte) => ![0x20, 0x09, 0x0a, 0x0d].includes(byte));
  return bytes[start] === 0x7b;
}

function formatOfJson(object: JsonObject): ImportFormat {
  if (Object.hasOwn(object, 'mediaType')) return 'sigstore';
  if (Object.hasOwn(object, 'payloadType')) return 'dsse';
  if (Object.hasOwn(object, '_type')) return 'in-toto';
  throw unknown('JSON that is no DSSE envelope, no sigstore bundle and no in-toto statement');
}

function unknown(message: string): MalformedError {
  return new MalformedError('IMPORT_FORMAT_UNKNOWN', message);
}
