// Published lists of revoked images, to hold a dbx against. The list is the operator's choice; its own signature is not
// verified here: whoever names the file answers for it. [UEFI §8.2.2, §32.4.1]
import { Cursor, decodeHex, decodeUtf8, encodeHex, isRecord, parseJsonStrict } from '../../encoding/index.ts';
import { MalformedError } from '../../error.ts';
import { bounds } from '../bounds.ts';
import { formatGuid, guids } from './guid.ts';
import { parseSignatureDatabase } from './signature-list.ts';

export interface RevocationList {
  readonly format: 'text' | 'json' | 'signature-lists' | 'signed-update';
  /** SHA-256 of Authenticode, each once, in the order of the list. */
  readonly digests: readonly Uint8Array[];
  /** Revocations by certificate or by version, which are not followed. */
  readonly others: number;
  /** Date of its newest entry, where the list has dates: `YYYY-MM-DD`. */
  readonly newest?: string;
}

/**
 * Reads a list of revocations, told by its bytes: text with one SHA-256 a line (`#` begins a comment, a date may follow the
 * digest), Microsoft's JSON (`images`, the ones for x64), signature lists (an efivarfs file too), or a signed update
 * such as DBXUpdate.bin.
 *
 * @throws MalformedError EVENT_LOG_REVOCATION_LIST_INVALID, EVENT_LOG_SIGNATURE_LIST_INVALID, ENCODING_*
 */
export function parseRevocationList(bytes: Uint8Array): RevocationList {
  if (bytes.length > bounds.logBytes) fail(`a list of ${bytes.length} bytes`);
  const list = readList(bytes);
  const unique = new Map(list.digests.map((digest) => [encodeHex(digest), digest]));
  if (unique.size === 0) fail('the list revokes no image by its SHA-256');
  return { ...list, digests: [...unique.values()] };
}

function readList(bytes: Uint8Array): RevocationList {
  const first = bytes.find((byte) => byte > 0x20);
  if (first === 0x7b) return readJson(bytes);
  const isText = bytes.every((byte) => byte === 0x09 || byte === 0x0a || byte === 0x0d || byte >= 0x20);
  if (isText) return readText(decodeUtf8(bytes));
  const update = findSignedLists(bytes);
  if (update) return { format: 'signed-update', ...readDatabase(update) };
  return { format: 'signature-lists', ...readDatabase(isListAt(bytes, 4) ? bytes.subarray(4) : bytes) };
}

function readText(text: string): RevocationList {
  const entries = text.split('\n').flatMap((line, index) => {
    const content = line.replace(/#.*/, '').trim();
    if (content === '') return [];
    const match = /^([0-9a-f]{64})(?:\s+(\d{4}-\d{2}-\d{2}))?$/i.exec(content);
    if (match?.[1] === undefined) return fail(`line ${index + 1} is no SHA-256`);
    return [{ digest: decodeHex(match[1].toLowerCase()), date: match[2] }];
  });
  return {
    format: 'text',
    digests: entries.map(({ digest }) => digest),
    others: 0,
    ...newestOf(entries.map(({ date }) => date)),
  };
}

/** `{ images: { x64: [{ authenticodeHash, dateOfAddition }] }, certificates: [], svns: [] }` */
function readJson(bytes: Uint8Array): RevocationList {
  const document = recordOf(parseJsonStrict(bytes));
  const entries = arrayOf(recordOf(document['images'])['x64']).map((item) => {
    const { authenticodeHash: digest, dateOfAddition: date } = recordOf(item);
    if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/i.test(digest)) return fail('an image without authenticodeHash');
    return { digest: decodeHex(digest.toLowerCase()), date: typeof date === 'string' ? date : undefined };
  });
  const others = [document['certificates'], document['svns']].map((value) =>
    value === undefined ? [] : arrayOf(value),
  );
  return {
    format: 'json',
    digests: entries.map(({ digest }) => digest),
    others: others.flat().length,
    ...newestOf(entries.map(({ date }) => date)),
  };
}

function readDatabase(bytes: Uint8Array): Pick<RevocationList, 'digests' | 'others'> {
  const { entries } = parseSignatureDatabase(bytes);
  const digests = entries.filter(({ type, data }) => type === 'sha256' && !isVersion(data)).map(({ data }) => data);
  return { digests, others: entries.length - digests.length };
}

/** Microsoft writes the least versions of its boot managers that may run among the hashes: 1, a GUID, two numbers, then zeros. */
function isVersion(data: Uint8Array): boolean {
  return data[0] === 1 && data.subarray(21).every((byte) => byte === 0);
}

const winCertificateRevision = 0x0200;
const winCertTypeEfiGuid = 0x0ef1;

/** What follows EFI_VARIABLE_AUTHENTICATION_2: EFI_TIME, then WIN_CERTIFICATE_UEFI_GUID with its own length. */
function findSignedLists(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 40) return undefined;
  const cursor = new Cursor(bytes, {
    endianness: 'little',
    truncated: 'EVENT_LOG_REVOCATION_LIST_INVALID',
    trailing: 'EVENT_LOG_REVOCATION_LIST_INVALID',
  });
  cursor.bytes(16, 'TimeStamp');
  const length = cursor.u32('dwLength');
  const [revision, type] = [cursor.u16('wRevision'), cursor.u16('wCertificateType')];
  if (revision !== winCertificateRevision || type !== winCertTypeEfiGuid) return undefined;
  if (length < 24 || 16 + length > bytes.length) return fail(`a signature of ${length} bytes`);
  return bytes.subarray(16 + length);
}

function isListAt(bytes: Uint8Array, at: number): boolean {
  if (bytes.length < at + 28) return false;
  const type = formatGuid(bytes.subarray(at, at + 16));
  return type === guids.certSha256 || type === guids.certX509 || type === guids.certX509Sha256;
}

function newestOf(dates: readonly (string | undefined)[]): Pick<RevocationList, 'newest'> {
  const newest = dates.filter((date) => date !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(date)).sort();
  const last = newest.at(-1);
  return last === undefined ? {} : { newest: last };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : fail('an object is missing');
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : fail('a list is missing');
}

function fail(message: string): never {
  throw new MalformedError('EVENT_LOG_REVOCATION_LIST_INVALID', message);
}
