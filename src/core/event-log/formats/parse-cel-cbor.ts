// Canonical Event Log in CBOR: an array of records, each a map with numbers for keys. [TCG-CEL §5.2]
import { isCborArray, isCborMap, parseCbor, type CborMap, type CborValue } from '../../encoding/index.ts';
import { celContents, checkIndex, collectDigests, malformed, type CelRecord } from './cel-record.ts';
import { hashByIdentifier } from './hash-identifiers.table.ts';

/** Keys of a record. `recnum` (0) is not read: nothing authenticates it, and the replay holds the order of the records. */
const keys = { pcr: 1, nvIndex: 2, digests: 3, contentType: 9, content: 10 } as const;
const arrayHead = 0x80;

/** Whether the bytes begin as an array of definite length. A log of firmware begins with the number of a PCR, which is below 0x80. */
export function isCelCbor(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0xe0) === arrayHead;
}

/** @throws MalformedError EVENT_LOG_CEL_INVALID; ENCODING_CBOR_* */
export function parseCelCbor(bytes: Uint8Array, maxEvents: number): readonly CelRecord[] {
  const records = parseCbor(bytes, { maxDepth: 8, maxItems: maxEvents * 40 });
  if (!isCborArray(records)) throw malformed('the log is no array', 0);
  if (records.length > maxEvents) throw malformed(`${records.length} records; at most ${maxEvents} are read`);
  return records.map(readRecord);
}

function readRecord(value: CborValue, position: number): CelRecord {
  const record = asMap(value, position);
  const pcr = record.get(keys.pcr);
  const content = record.get(keys.contentType);
  const name = (typeof content === 'number' ? celContents.get(content) : undefined) ?? 'unknown';
  return {
    register: { kind: pcr === undefined ? 'nv' : 'pcr', index: checkIndex(pcr ?? record.get(keys.nvIndex), position) },
    digests: readDigests(record.get(keys.digests), position),
    content: name,
    ...readContent(name, record.get(keys.content), position),
    at: position,
  };
}

function asMap(value: CborValue, at: number): CborMap {
  if (!isCborMap(value)) throw malformed('a map was expected', at);
  return value;
}

function readDigests(value: CborValue, at: number): CelRecord['digests'] {
  if (value === undefined || !isCborArray(value) || value.length > 16)
    throw malformed('digests are no list of at most 16', at);
  const pairs = value.map((item): readonly [string | undefined, Uint8Array] => {
    const pair = asMap(item, at);
    const [alg, digest] = [pair.get(0), pair.get(1)];
    if (typeof alg !== 'number' || !(digest instanceof Uint8Array)) throw malformed('a digest is no pair', at);
    return [hashByIdentifier(alg), digest];
  });
  return collectDigests(pairs, at);
}

function readContent(name: string, value: CborValue, at: number): Pick<CelRecord, 'data' | 'eventType'> {
  if (value instanceof Uint8Array) return { data: value };
  if (name !== 'pcclient_std' && name !== 'ima_template') return { data: new Uint8Array() };
  const content = asMap(value, at);
  const data = content.get(1);
  if (!(data instanceof Uint8Array)) throw malformed('event data is no byte string', at);
  return name === 'pcclient_std' ? { data, eventType: checkIndex(content.get(0), at) } : { data };
}
