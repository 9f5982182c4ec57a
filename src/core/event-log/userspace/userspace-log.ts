// What the running system says it measured: /run/log/systemd/tpm2-measure.log, a JSON text sequence. [RFC7464], [SYSTEMD]
// Root of the host writes this file: nothing of it is believed until the replay agrees.
import { AttestationError, MalformedError } from '../../error.ts';
import {
  decodeHex,
  isJsonArray,
  isJsonObject,
  parseJsonStrict,
  type JsonObject,
  type JsonValue,
} from '../../encoding/index.ts';
import { digestSizes, isHashAlgorithm, type HashAlgorithm } from '../../crypto/index.ts';
import { bounds } from '../bounds.ts';

/** The `content` of systemd's records. No digest covers it as such, but most cover `string`: that is recomputed. */
export interface UserspaceContent {
  /** What was measured, or for secrets what was hashed with them. */
  readonly string?: string;
  readonly eventType?: string;
  readonly bootId?: string;
  readonly nvIndexName?: string;
}

export interface UserspaceRecord {
  /** Position in the log, from 0. */
  readonly index: number;
  /** A PCR, or an NV index that is extended like one (NvPCR): no quote of PCRs tells its value. */
  readonly register: { readonly kind: 'pcr' | 'nv'; readonly index: number };
  /** In the banks that were extended. Algorithms that we cannot compute are left out. */
  readonly digests: ReadonlyMap<HashAlgorithm, Uint8Array>;
  readonly untrustedContent: UserspaceContent;
  /** Byte offset of the record. */
  readonly offset: number;
}

export interface ClaimedUserspaceLog {
  readonly records: readonly UserspaceRecord[];
}

const recordSeparator = 0x1e;
const newline = 0x0a;

/** Reads the whole file. Members that are not known are passed over, since newer systemd adds some; those that are known
 * must be as systemd writes them.
 * @throws MalformedError EVENT_LOG_USERSPACE_EMPTY, EVENT_LOG_USERSPACE_TOO_LARGE, EVENT_LOG_USERSPACE_TRUNCATED,
 *   EVENT_LOG_USERSPACE_INVALID, with the byte offset of the record */
export function parseUserspaceLog(bytes: Uint8Array): ClaimedUserspaceLog {
  if (bytes.length === 0) throw new MalformedError('EVENT_LOG_USERSPACE_EMPTY', 'the log has no bytes', { at: 0 });
  if (bytes.length > bounds.userspaceBytes) throw tooLarge(`${bytes.length} bytes`, bounds.userspaceBytes);
  const records: UserspaceRecord[] = [];
  for (let offset = 0; offset < bytes.length;) {
    if (records.length >= bounds.userspaceRecords) {
      throw tooLarge(`more than ${bounds.userspaceRecords} records`, offset);
    }
    const end = findEnd(bytes, offset);
    records.push(readRecord(bytes.subarray(offset + 1, end), records.length, offset));
    offset = end;
  }
  return { records };
}

/** Where the record ends that begins at `offset`. A record is RS, JSON, LF. No string of JSON holds a raw RS, so nothing inside a record
 * looks like the beginning of the next. */
function findEnd(bytes: Uint8Array, offset: number): number {
  if (bytes[offset] !== recordSeparator) throw invalid('no record separator (0x1E) begins the record', offset);
  const next = bytes.indexOf(recordSeparator, offset + 1);
  const end = next < 0 ? bytes.length : next;
  if (end - offset > bounds.userspaceRecordBytes) throw tooLarge(`a record of ${end - offset} bytes`, offset);
  if (bytes[end - 1] === newline) return end;
  if (next >= 0) throw invalid('no line feed ends the record', offset);
  throw new MalformedError('EVENT_LOG_USERSPACE_TRUNCATED', 'the log ends inside a record', { at: offset });
}

function readRecord(text: Uint8Array, index: number, offset: number): UserspaceRecord {
  let value: JsonValue;
  try {
    value = parseJsonStrict(text, { maxDepth: bounds.userspaceDepth });
  } catch (cause) {
    if (!(cause instanceof AttestationError)) throw cause;
    throw new MalformedError('EVENT_LOG_USERSPACE_INVALID', `record ${index}: ${cause.message}`, { at: offset, cause });
  }
  if (!isJsonObject(value)) throw invalid(`record ${index} is no object`, offset);
  const untrustedContent = value['content_type'] === 'systemd' ? readContent(value['content'], offset) : {};
  return {
    index,
    register: readRegister(value, offset),
    digests: readDigests(value, offset),
    untrustedContent,
    offset,
  };
}

function readRegister(record: JsonObject, at: number): UserspaceRecord['register'] {
  const [pcr, nv] = [member(record, 'pcr'), member(record, 'nv_index')];
  if ((pcr === undefined) === (nv === undefined)) throw invalid('a record extends one of pcr and nv_index', at);
  if (pcr !== undefined) return { kind: 'pcr', index: readIndex(pcr, [0, 23], at) };
  return { kind: 'nv', index: readIndex(nv, nvIndices, at) };
}

/** Handles of NV indices: type 0x01. [TPM2-P2 §7.2] */
const nvIndices = [0x0100_0000, 0x01ff_ffff] as const;

function readIndex(value: JsonValue | undefined, [least, most]: readonly [number, number], at: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`a register is a whole number from ${least} to ${most}`, at);
}

function readDigests(record: JsonObject, at: number): UserspaceRecord['digests'] {
  const list = member(record, 'digests');
  if (list === undefined || !isJsonArray(list) || list.length === 0 || list.length > 16) {
    throw invalid('1 to 16 digests expected', at);
  }
  const digests = new Map<HashAlgorithm, Uint8Array>();
  for (const item of list) {
    const [name, hex] = isJsonObject(item) ? [member(item, 'hashAlg'), member(item, 'digest')] : [];
    if (typeof name !== 'string' || typeof hex !== 'string') throw invalid('a digest is a pair of texts', at);
    if (!isHashAlgorithm(name)) continue;
    if (digests.has(name)) throw invalid(`two digests of ${name}`, at);
    if (hex.length !== digestSizes[name] * 2 || !/^[0-9a-f]*$/.test(hex)) throw invalid(`no digest of ${name}`, at);
    digests.set(name, decodeHex(hex));
  }
  return digests;
}

function readContent(value: JsonValue | undefined, at: number): UserspaceContent {
  if (!isJsonObject(value)) throw invalid('content of systemd is no object', at);
  const text = (name: keyof UserspaceContent): UserspaceContent => {
    const found = member(value, name);
    if (found === undefined) return {};
    if (typeof found === 'string' && found.length <= bounds.userspaceText) return { [name]: found };
    throw invalid(`content.${name} is no text of at most ${bounds.userspaceText} characters`, at);
  };
  return { ...text('string'), ...text('eventType'), ...text('bootId'), ...text('nvIndexName') };
}

function member(record: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function invalid(message: string, at: number): MalformedError {
  return new MalformedError('EVENT_LOG_USERSPACE_INVALID', message, { at });
}

function tooLarge(what: string, at: number): MalformedError {
  return new MalformedError('EVENT_LOG_USERSPACE_TOO_LARGE', `the log has ${what}`, { at });
}
