// The kernel's binary_runtime_measurements. [LINUX security/integrity/ima/ima_fs.c]
// Everything here was written by the host that is being judged; only the replay against an attested PCR binds it.
import { MalformedError } from '../error.ts';
import { allAtOnce, Cursor, concatBytes, decodeUtf8, type Pieces } from '../encoding/index.ts';
import { digestSizes, type HashAlgorithm } from '../crypto/index.ts';
import { fieldsOf, legacyContent, parseTemplateData, type TemplateContent } from './template.ts';

export interface ImaEntry extends TemplateContent {
  readonly index: number;
  /** Offset of the entry in the list, in bytes. */
  readonly offset: number;
  readonly pcr: number;
  readonly template: string;
  /** The digest column as the kernel wrote it (SHA-1 in the base file). All zero marks a violation. */
  readonly templateDigest: Uint8Array;
  /** What a bank's own hash is computed over. */
  readonly templateData: Uint8Array;
  /** The kernel saw the file written while it was measured (`open_writers`), or measured while it was written (`ToMToU`). */
  readonly violation: boolean;
}

export interface ImaList {
  readonly entries: readonly ImaEntry[];
  /** Algorithm of the digest column. */
  readonly templateHash: HashAlgorithm;
  /** Bytes after the last complete entry, fewer than an entry's header. A verification refuses them. */
  readonly trailingBytes: number;
  /** Where the last complete entry ends, in bytes. */
  readonly length: number;
}

/** Algorithm of the digest column. Only the file without an algorithm in its name is read, and it always has SHA-1;
 * `binary_runtime_measurements_<alg>` has others. */
const templateHash: HashAlgorithm = 'sha1';

/** What a hostile list may ask of us. A real one has some thousand entries of some hundred bytes, and names up to PATH_MAX (4096). */
const limits = { bytes: 64 * 1024 * 1024, entries: 500_000, name: 4096 + 256, data: 1024 * 1024 };

/** A place between two entries, by what is before it. */
export interface ImaPlace {
  /** In bytes. */
  readonly offset: number;
  readonly entries: number;
}

const atBoot: ImaPlace = { offset: 0, entries: 0 };

/** Parses a list, or only what comes after `start`; proves nothing. An empty list parses to no entries: `verifyImaList` refuses it.
 * @throws MalformedError IMA_LIST_TRUNCATED, IMA_LIST_TOO_LARGE, IMA_ENTRY_MALFORMED, IMA_TEMPLATE_UNKNOWN */
export function parseImaList(bytes: Uint8Array, start = atBoot): ImaList {
  const known = readBefore.get(bytes);
  // What was read is many times as large as the bytes, which may be kept for long.
  readBefore.delete(bytes);
  if (known?.offset !== start.offset) return allAtOnce(readEntries(bytes, start));
  if ('failure' in known) throw known.failure;
  return known.list;
}

type Read = { readonly offset: number } & ({ readonly list: ImaList } | { readonly failure: unknown });

/** What was read in pieces, of bytes that change no more. */
const readBefore = new WeakMap<Uint8Array, Read>();

/** As `parseImaList`, which then gives the same once without reading again. Undefined where it throws. */
export function* readImaList(bytes: Uint8Array, start = atBoot): Pieces<ImaList | undefined> {
  const { offset } = start;
  try {
    const list = yield* readEntries(bytes, start);
    readBefore.set(bytes, { offset, list });
    return list;
  } catch (failure) {
    readBefore.set(bytes, { offset, failure });
    return undefined;
  }
}

/** To read so many takes some milliseconds. */
export const entriesInPiece = 500;

function* readEntries(bytes: Uint8Array, start: ImaPlace): Pieces<ImaList> {
  if (bytes.length > limits.bytes) throw tooLarge(`${bytes.length} bytes`, 0);
  const cursor = new Cursor(bytes, {
    endianness: 'little',
    truncated: 'IMA_LIST_TRUNCATED',
    trailing: 'IMA_LIST_TRAILING',
  });
  cursor.bytes(start.offset, 'what was read before');
  const entries: ImaEntry[] = [];
  const headerSize = 4 + digestSizes[templateHash] + 4;
  while (cursor.remaining >= headerSize) {
    const index = start.entries + entries.length;
    if (index >= limits.entries) throw tooLarge(`more than ${limits.entries} entries`, cursor.offset);
    entries.push(parseEntry(cursor, index));
    if (entries.length % entriesInPiece === 0) yield;
  }
  return { entries, templateHash, trailingBytes: cursor.remaining, length: cursor.position };
}

function parseEntry(cursor: Cursor, index: number): ImaEntry {
  const offset = cursor.offset;
  const pcr = cursor.u32('PCR');
  if (pcr > 23) throw new MalformedError('IMA_ENTRY_MALFORMED', `PCR ${pcr} does not exist`, { at: offset });
  const templateDigest = cursor.bytes(digestSizes[templateHash], 'template digest');
  const nameLength = cursor.u32('template name length');
  if (nameLength > 128) {
    throw new MalformedError('IMA_ENTRY_MALFORMED', `a template name of ${nameLength} bytes`, { at: offset });
  }
  const template = textOf(cursor.bytes(nameLength, 'template name'), offset);
  const body = template === 'ima' ? parseLegacyBody(cursor, offset) : parseBody(cursor, template, offset);
  const violation = templateDigest.every((byte) => byte === 0);
  return { index, offset, pcr, template, templateDigest, violation, ...body };
}

function parseLegacyBody(cursor: Cursor, at: number): TemplateContent & { readonly templateData: Uint8Array } {
  const digest = cursor.bytes(20, 'file digest');
  const name = boundedField(cursor, limits.name, 'file name', at);
  return { ...legacyContent(digest, name, at), templateData: legacyTemplateData(digest, name) };
}

function parseBody(
  cursor: Cursor,
  template: string,
  at: number,
): TemplateContent & { readonly templateData: Uint8Array } {
  const fields = fieldsOf(template, at);
  const dataOffset = cursor.offset + 4;
  const templateData = boundedField(cursor, limits.data, 'template data', at);
  return { ...parseTemplateData(fields, templateData, dataOffset), templateData };
}

/** Legacy entries are hashed as digest || name padded with zeros to 256 bytes. */
export function legacyTemplateData(digest: Uint8Array, name: Uint8Array): Uint8Array {
  return concatBytes(digest, name, new Uint8Array(Math.max(0, 256 - name.length)));
}

function boundedField(cursor: Cursor, limit: number, what: string, at: number): Uint8Array {
  const length = cursor.u32(`${what} length`);
  if (length > limit) {
    const code = length > cursor.remaining ? 'IMA_LIST_TRUNCATED' : 'IMA_ENTRY_MALFORMED';
    throw new MalformedError(code, `${what} of ${length} bytes; at most ${limit} are read`, { at });
  }
  return cursor.bytes(length, what);
}

function textOf(bytes: Uint8Array, at: number): string {
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    throw new MalformedError('IMA_ENTRY_MALFORMED', 'the template name is not text', { at, cause });
  }
}

function tooLarge(what: string, at: number): MalformedError {
  return new MalformedError('IMA_LIST_TOO_LARGE', `the list has ${what}`, { at });
}
