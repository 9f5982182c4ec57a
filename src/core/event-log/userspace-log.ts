// What the running system says it measured: /run/log/systemd/tpm2-measure.log, a JSON text sequence. [RFC7464], systemd
// TPM2_PCR_MEASUREMENTS. Root of the host writes this file: nothing of it is believed until the replay agrees.
import { AttestationError, MalformedError } from '../error.ts';
import { decodeHex, parseJsonStrict, type JsonValue } from '../encoding/index.ts';
import { digestSizes, isHashAlgorithm, type HashAlgorithm } from '../crypto/index.ts';

/** The `content` of systemd's records. No digest covers it as such: see `readMeasurement` for what one may cover. */
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

/** A boot writes some dozen records of some hundred bytes; the record of a login is the longest. */
const limits = { bytes: 4 * 1024 * 1024, records: 20_000, recordBytes: 64 * 1024, text: 16 * 1024, depth: 8 };

const recordSeparator = 0x1e;
const newline = 0x0a;

/** Reads the whole file. Members that are not known are passed over, since newer systemd adds some; those that are known
 * must be as systemd writes them.
 * @throws MalformedError EVENT_LOG_USERSPACE_EMPTY, EVENT_LOG_USERSPACE_TOO_LARGE, EVENT_LOG_USERSPACE_TRUNCATED,
 *   EVENT_LOG_USERSPACE_INVALID, with the byte offset of the record */
export function parseUserspaceLog(bytes: Uint8Array): ClaimedUserspaceLog {
  if (bytes.length === 0) throw new MalformedError('EVENT_LOG_USERSPACE_EMPTY', 'the log has no bytes', { at: 0 });
  if (bytes.length > limits.bytes) throw tooLarge(`${bytes.length} bytes`, limits.bytes);
  const records: UserspaceRecord[] = [];
  for (let offset = 0; offset < bytes.length;) {
    if (records.length >= limits.records) throw tooLarge(`more than ${limits.records} records`, offset);
    const end = findEnd(bytes, offset);
    records.push(readRecord(bytes.subarray(offset + 1, end), records.length, offset));
    offset = end;
  }
  return { records };
}

/** A record is RS, JSON, LF: where the next one begins. JSON holds neither sign raw, so nothing inside can look like it. */
function findEnd(bytes: Uint8Array, offset: number): number {
  if (bytes[offset] !== recordSeparator) throw invalid('no record separator (0x1E) begins the record', offset);
  const next = bytes.indexOf(recordSeparator, offset + 1);
  const end = next < 0 ? bytes.length : next;
  if (end - offset > limits.recordBytes) throw tooLarge(`a record of ${end - offset} bytes`, offset);
  if (bytes[end - 1] === newline) return end;
  if (next >= 0) throw invalid('no line feed ends the record', offset);
  throw new MalformedError('EVENT_LOG_USERSPACE_TRUNCATED', 'the log ends inside a record', { at: offset });
}

type Members = Readonly<Record<string, JsonValue>>;

function readRecord(text: Uint8Array, index: number, offset: number): UserspaceRecord {
  let value: JsonValue;
  try {
    value = parseJsonStrict(text, { maxDepth: limits.depth });
  } catch (cause) {
    if (!(cause instanceof AttestationError)) throw cause;
    throw new MalformedError('EVENT_LOG_USERSPACE_INVALID', `record ${index}: ${cause.message}`, { at: offset, cause });
  }
  if (!isMembers(value)) throw invalid(`record ${index} is no object`, offset);
  const untrustedContent = value['content_type'] === 'systemd' ? readContent(value['content'], offset) : {};
  return {
    index,
    register: readRegister(value, offset),
    digests: readDigests(value, offset),
    untrustedContent,
    offset,
  };
}

function readRegister(record: Members, at: number): UserspaceRecord['register'] {
  const [pcr, nv] = [member(record, 'pcr'), member(record, 'nv_index')];
  if ((pcr === undefined) === (nv === undefined)) throw invalid('a record extends one of pcr and nv_index', at);
  if (pcr !== undefined) return { kind: 'pcr', index: readInteger(pcr, 23, at) };
  return { kind: 'nv', index: readInteger(nv, 0xffffffff, at) };
}

function readInteger(value: JsonValue | undefined, most: number, at: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw invalid(`a register is a whole number up to ${most}`, at);
}

function readDigests(record: Members, at: number): UserspaceRecord['digests'] {
  const list = member(record, 'digests');
  if (!Array.isArray(list) || list.length === 0 || list.length > 16) throw invalid('1 to 16 digests expected', at);
  const digests = new Map<HashAlgorithm, Uint8Array>();
  for (const item of list as readonly JsonValue[]) {
    const [name, hex] = isMembers(item) ? [member(item, 'hashAlg'), member(item, 'digest')] : [];
    if (typeof name !== 'string' || typeof hex !== 'string') throw invalid('a digest is a pair of texts', at);
    if (!isHashAlgorithm(name)) continue;
    if (digests.has(name)) throw invalid(`two digests of ${name}`, at);
    if (hex.length !== digestSizes[name] * 2 || !/^[0-9a-f]*$/i.test(hex)) throw invalid(`no digest of ${name}`, at);
    digests.set(name, decodeHex(hex));
  }
  return digests;
}

function readContent(value: JsonValue | undefined, at: number): UserspaceContent {
  if (!isMembers(value)) throw invalid('content of systemd is no object', at);
  const text = (name: keyof UserspaceContent): UserspaceContent => {
    const found = member(value, name);
    if (found === undefined) return {};
    if (typeof found === 'string' && found.length <= limits.text) return { [name]: found };
    throw invalid(`content.${name} is no text of at most ${limits.text} characters`, at);
  };
  return { ...text('string'), ...text('eventType'), ...text('bootId'), ...text('nvIndexName') };
}

function isMembers(value: JsonValue | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function member(record: Members, name: string): JsonValue | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function invalid(message: string, at: number): MalformedError {
  return new MalformedError('EVENT_LOG_USERSPACE_INVALID', message, { at });
}

function tooLarge(what: string, at: number): MalformedError {
  return new MalformedError('EVENT_LOG_USERSPACE_TOO_LARGE', `the log has ${what}`, { at });
}
