// Canonical Event Log in JSON: one array, a JSON text sequence (systemd's tpm2-measure.log), or one object per line.
// [TCG-CEL §5.3], [RFC7464]
import {
  canonicalJson,
  decodeBase64,
  decodeHex,
  encodeUtf8,
  isJsonArray,
  isJsonObject,
  parseJsonStrict,
  type JsonObject,
  type JsonValue,
} from '../../encoding/index.ts';
import { AttestationError } from '../../error.ts';
import { checkIndex, collectDigests, malformed, type CelRecord } from './cel-record.ts';
import { eventTypes } from '../events/event-types.table.ts';
import type { UserspaceContent } from '../userspace/userspace-log.ts';

const recordSeparator = 0x1e;
const newline = 0x0a;
const maximumDepth = 16;

export function isCelJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== newline && byte !== 0x0d);
  return first === recordSeparator || first === 0x5b || first === 0x7b;
}

/** @throws MalformedError EVENT_LOG_CEL_INVALID; ENCODING_JSON_*, ENCODING_UTF8_INVALID, ENCODING_HEX_INVALID, ENCODING_BASE64_INVALID */
export function parseCelJson(bytes: Uint8Array, maxEvents: number): readonly CelRecord[] {
  const texts = splitTexts(bytes, maxEvents);
  const values = texts.map((text) => parseJsonStrict(text, { maxDepth: maximumDepth }));
  const [only] = values;
  const records = values.length === 1 && only !== undefined && isJsonArray(only) ? only : values;
  if (records.length > maxEvents) throw malformed(`${records.length} records; at most ${maxEvents} are read`);
  return records.map(readRecord);
}

/** The JSON texts of a log: one where it begins as an array does, else those between record separators, or between line ends. */
function splitTexts(bytes: Uint8Array, maxEvents: number): readonly Uint8Array[] {
  const first = bytes.find((byte) => byte > 0x20 || byte === recordSeparator);
  if (first === 0x5b) return [bytes];
  const delimiter = first === recordSeparator ? recordSeparator : newline;
  const texts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(delimiter, start);
    const end = found < 0 ? bytes.length : found;
    if (bytes.subarray(start, end).some((byte) => byte > 0x20)) texts.push(bytes.subarray(start, end));
    if (texts.length > maxEvents) throw malformed(`more than ${maxEvents} records`);
    start = end + 1;
  }
  return texts;
}

function readRecord(value: JsonValue, position: number): CelRecord {
  if (!isJsonObject(value)) throw malformed('a record is no object', position);
  const isPcr = value['pcr'] !== undefined;
  const index = checkIndex(value['pcr'] ?? value['nv_index'] ?? value['nvIndex'], position);
  const content = typeof value['content_type'] === 'string' ? value['content_type'] : 'unknown';
  const body = value['content'] ?? null;
  return {
    register: { kind: isPcr ? 'pcr' : 'nv', index },
    digests: readDigests(value['digests'], position),
    content,
    ...(content === 'pcclient_std' ? { eventType: readType(body, position) } : {}),
    data: readData(content, body),
    ...(content === 'systemd' ? { userspace: readUserspace(body) } : {}),
    at: position,
  };
}

function readDigests(value: JsonValue | undefined, at: number): CelRecord['digests'] {
  if (value === undefined || !isJsonArray(value) || value.length > 16) {
    throw malformed('`digests` is no list of at most 16', at);
  }
  const pairs = value.map((item): readonly [string, Uint8Array] => {
    if (!isJsonObject(item) || typeof item['hashAlg'] !== 'string' || typeof item['digest'] !== 'string') {
      throw malformed('a digest is no pair of hashAlg and digest', at);
    }
    return [item['hashAlg'].toLowerCase().replace('-', ''), decodeHex(item['digest'])];
  });
  return collectDigests(pairs, at);
}

/** A number, or the name as the firmware profile spells it. */
function readType(body: JsonValue, at: number): number {
  const type = isJsonObject(body) ? body['event_type'] : undefined;
  if (typeof type === 'string' && Object.hasOwn(eventTypes, type)) return eventTypes[type as keyof typeof eventTypes];
  if (typeof type === 'string' && /^0x[0-9a-f]{1,8}$/i.test(type)) return Number(type);
  return checkIndex(type, at);
}

/** The bytes that a digest may cover: event data of firmware, template data of IMA, the text that systemd measured. */
function readData(content: string, body: JsonValue): Uint8Array {
  if (!isJsonObject(body)) return typeof body === 'string' ? readBytes(body) : encodeUtf8('');
  const bytes = body['event_data'] ?? body['template_data'];
  if (typeof bytes === 'string') return readBytes(bytes);
  if (typeof body['string'] === 'string') return encodeUtf8(body['string']);
  return content === 'pcclient_std' ? encodeUtf8('') : readCanonical(body);
}

/** What systemd measured while the system ran, where its log was joined to that of firmware (`systemd-pcrlock cel`). */
function readUserspace(body: JsonValue): UserspaceContent {
  const names = ['string', 'eventType', 'bootId'] as const;
  const texts = names.map((name) => [name, isJsonObject(body) ? body[name] : undefined] as const);
  return Object.fromEntries(texts.filter(([, text]) => typeof text === 'string'));
}

/** Floating-point numbers have no canonical form: such content is shown as empty, and bound to nothing. */
function readCanonical(body: JsonObject): Uint8Array {
  try {
    return canonicalJson(body);
  } catch (error) {
    if (error instanceof AttestationError) return encodeUtf8('');
    throw error;
  }
}

/** Some writers use hexadecimal, others base64. A text that could be either is read as hexadecimal. */
function readBytes(text: string): Uint8Array {
  if (text.length % 2 === 0 && /^[0-9a-f]*$/i.test(text)) return decodeHex(text);
  return decodeBase64(text);
}
