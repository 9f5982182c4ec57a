// Canonical Event Log in TLV: type u8, length u32 big-endian, value. [TCG-CEL §5.1]
import { Cursor } from '../../encoding/index.ts';
import { celContents, checkIndex, collectDigests, malformed, type CelRecord } from './cel-record.ts';
import { hashByIdentifier } from './hash-identifiers.table.ts';

const types = { recnum: 0, pcr: 1, nvIndex: 2, digests: 3 } as const;

/** Whether the bytes begin with record number 0 and the type of a register. As a log of firmware the same bytes would be a record of PCR 0 of
 * type EV_S_CRTM_VERSION, whose digest begins with five zero bytes. */
export function isCelTlv(bytes: Uint8Array): boolean {
  const head = [types.recnum, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0];
  const next = bytes[head.length];
  return head.every((byte, position) => bytes[position] === byte) && (next === types.pcr || next === types.nvIndex);
}

/** @throws MalformedError EVENT_LOG_TRUNCATED, EVENT_LOG_CEL_INVALID */
export function parseCelTlv(bytes: Uint8Array, maxEvents: number): readonly CelRecord[] {
  const cursor = bigEndian(bytes, 0);
  const records: CelRecord[] = [];
  while (cursor.remaining > 0) {
    if (records.length >= maxEvents) throw malformed(`more than ${maxEvents} records`, cursor.offset);
    records.push(readRecord(cursor));
  }
  return records;
}

interface Tlv {
  readonly type: number;
  readonly value: Uint8Array;
  readonly at: number;
}

function bigEndian(bytes: Uint8Array, baseOffset: number): Cursor {
  return new Cursor(bytes, {
    endianness: 'big',
    truncated: 'EVENT_LOG_TRUNCATED',
    trailing: 'EVENT_LOG_CEL_INVALID',
    baseOffset,
  });
}

function readTlv(cursor: Cursor): Tlv {
  const at = cursor.offset;
  const type = cursor.u8('type');
  return { type, value: cursor.bytes(cursor.u32('length'), 'value'), at };
}

function readRecord(cursor: Cursor): CelRecord {
  const recnum = readTlv(cursor);
  if (recnum.type !== types.recnum) throw malformed(`field ${recnum.type} where a record should begin`, recnum.at);
  const register = readTlv(cursor);
  if (register.type !== types.pcr && register.type !== types.nvIndex) {
    throw malformed(`field ${register.type} where a register should be`, register.at);
  }
  const digests = readTlv(cursor);
  if (digests.type !== types.digests) throw malformed(`field ${digests.type} where digests should be`, digests.at);
  return {
    register: { kind: register.type === types.pcr ? 'pcr' : 'nv', index: readIndex(register) },
    digests: readDigests(digests),
    ...readContent(readTlv(cursor)),
    at: recnum.at,
  };
}

/** One byte in the logs of go-tpm-tools, four by the specification. */
function readIndex({ value, at }: Tlv): number {
  if (value.length < 1 || value.length > 4) throw malformed(`register index of ${value.length} bytes`, at);
  return checkIndex(
    value.reduce((number, byte) => number * 256 + byte, 0),
    at,
  );
}

function readDigests({ value, at }: Tlv): CelRecord['digests'] {
  const cursor = bigEndian(value, at + 5);
  const pairs: (readonly [string | undefined, Uint8Array])[] = [];
  while (cursor.remaining > 0) {
    if (pairs.length >= 16) throw malformed('more than 16 digests', at);
    const digest = readTlv(cursor);
    pairs.push([hashByIdentifier(digest.type), digest.value]);
  }
  return collectDigests(pairs, at);
}

function readContent({ type, value, at }: Tlv): Pick<CelRecord, 'content' | 'data' | 'eventType'> {
  const content = celContents.get(type) ?? 'unknown';
  if (content !== 'pcclient_std' && content !== 'ima_template') return { content, data: value };
  const cursor = bigEndian(value, at + 5);
  const [head, body] = [readTlv(cursor), readTlv(cursor)];
  cursor.end('content');
  if (head.type !== 0 || body.type !== 1) throw malformed('content fields out of order', at);
  return content === 'pcclient_std'
    ? { content, data: body.value, eventType: readIndex(head) }
    : { content, data: body.value };
}
