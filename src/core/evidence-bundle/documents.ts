// Parts of a bundle, each read as what it is. Whatever cannot be read is named by its part.
import {
  allAtOnce,
  concatBytes,
  createReading,
  decodeUtf8,
  encodeUtf8,
  inPieces,
  parseJsonStrict,
  readPem,
  writePem,
  type JsonValue,
  Field,
} from '../encoding/index.ts';
import { AttestationError, MalformedError } from '../error.ts';
import type { Part } from './archive.ts';

export type Parts = ReadonlyMap<string, Uint8Array>;

/** The parts by name. Names are unique: both functions of the archive refuse a name that stands twice. */
export function partsOf(parts: readonly Part[]): Parts {
  return new Map(parts.map(({ name, bytes }) => [name, bytes]));
}

/** @throws MalformedError EVIDENCE_PART_MISSING */
export function requirePart(parts: Parts, name: string): Uint8Array {
  const bytes = parts.get(name);
  if (bytes === undefined) throw new MalformedError('EVIDENCE_PART_MISSING', `no part ${name}`, { at: name });
  return bytes;
}

/** @throws MalformedError EVIDENCE_PART_MISSING, ENCODING_UTF8_INVALID */
export function requireText(parts: Parts, name: string): string {
  return naming(name, () => decodeUtf8(requirePart(parts, name)));
}

/** Names of the parts of a folder, in their order. */
export function namesIn(parts: Parts, folder: string): readonly string[] {
  return [...parts.keys()].filter((name) => name.startsWith(`${folder}/`)).sort();
}

/** @throws MalformedError EVIDENCE_PART_MISSING, EVIDENCE_PART_INVALID */
export function readDocument<T>(parts: Parts, name: string, read: (root: Field) => T): T {
  const bytes = requirePart(parts, name);
  return naming(name, () => read(new Field(parseJsonStrict(bytes, { maxDepth: 32 }), name, 'EVIDENCE_PART_INVALID')));
}

/** The blocks of a part in PEM; none where there is no such part.
 * @throws MalformedError EVIDENCE_PART_INVALID */
export function readPemPart(parts: Parts, name: string): readonly Uint8Array[] {
  const bytes = parts.get(name);
  if (bytes === undefined) return [];
  return naming(name, () => blocks.read(bytes).map((each) => each.bytes));
}

const blocks = createReading((bytes) => readPem(decodeUtf8(bytes)));

/** Reads a part in PEM in pieces. `readPemPart` then says at once what it would have said. */
export async function readPemAhead(parts: Parts, name: string, pause: () => Promise<void>): Promise<void> {
  const bytes = parts.get(name);
  if (bytes !== undefined) await blocks.ahead(bytes, pause);
}

/** Whatever cannot be read of a part, told with its name.
 * @throws MalformedError EVIDENCE_PART_INVALID */
export function naming<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AttestationError) || error.code.startsWith('EVIDENCE_')) throw error;
    throw new MalformedError('EVIDENCE_PART_INVALID', `${name}: ${error.message}`, { at: name, cause: error });
  }
}

/** A document in JSON, indented, so that people can read it too. */
export function documentPart(name: string, value: JsonValue): Part {
  return { name, bytes: encodeUtf8(`${JSON.stringify(value, undefined, 2)}\n`) };
}

/** No part at all where there is nothing to put into it. */
export function pemPart(name: string, label: string, contents: readonly Uint8Array[]): readonly Part[] {
  const [first, ...others] = contents.map((bytes) => pems.get(bytes) ?? allAtOnce(writePem(label, bytes)));
  if (first === undefined) return [];
  return [{ name, bytes: others.length === 0 ? first : concatBytes(first, ...others) }];
}

/** By their content, of what is large: a revocation list that stays takes a tenth of a second each time. */
const pems = new WeakMap<Uint8Array, Uint8Array>();

/** Others are written as quickly as one looks for them. */
const longContent = 262_144;

/** Writes what is large in pieces, for `pemPart`. The bytes must not change any more. */
export async function writePemAhead(
  label: string,
  contents: readonly Uint8Array[],
  pause: () => Promise<void>,
): Promise<void> {
  for (const bytes of contents) {
    if (bytes.length > longContent && !pems.has(bytes)) pems.set(bytes, await inPieces(writePem(label, bytes), pause));
  }
}
