// What the audit log of the server says of the host and of what its verdict rests on: entries, each with its path to the root of a
// Merkle tree over the whole log, and that root signed. Whoever has two bundles of a server can compare what it signed. [RFC9162 §2.1]
import {
  concatBytes,
  encodeHex,
  encodeUtf8,
  isJsonArray,
  parseJsonStrict,
  type JsonObject,
  type JsonValue,
  Field,
} from '../encoding/index.ts';
import type { SigningKey } from '../crypto/index.ts';
import { AttestationError, MalformedError, VerificationError } from '../error.ts';
import {
  hashEntry,
  hashLeaf,
  isIncluded,
  openCheckpoint,
  signCheckpoint,
  type Checkpoint,
  type OpenedCheckpoint,
  type SignedCheckpoint,
} from '../transparency/index.ts';
import type { TokenKey } from '../verdict/index.ts';
import type { Part } from './archive.ts';
import { documentPart, naming, requirePart, requireText, type Parts } from './documents.ts';

export interface RecordedAudit {
  readonly checkpoint: Checkpoint;
  /** As the API shows them, without their hash, and what leads to the root. */
  readonly entries: readonly { readonly entry: JsonObject; readonly path: readonly Uint8Array[] }[];
}

/** An entry that is in the log. */
export interface LoggedEntry {
  readonly sequence: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: JsonObject;
}

export interface OpenedAudit {
  readonly checkpoint: OpenedCheckpoint;
  /** In the order of the log. */
  readonly entries: readonly LoggedEntry[];
}

const files = {
  checkpoint: 'audit/checkpoint.json',
  signature: 'audit/checkpoint.jws',
  entries: 'audit/entries.json',
} as const;
const maximumEntries = 2000;

/** Characters of the text of entries that are written between two pauses: some milliseconds. The whole text has some thirty megabytes at
 * most. */
const pieceLength = 1024 * 1024;

export async function encodeAudit(
  { checkpoint, entries }: RecordedAudit,
  { key, pause }: { readonly key: SigningKey; readonly pause: () => Promise<void> },
): Promise<readonly Part[]> {
  const { text, signature } = await signCheckpoint(checkpoint, key);
  return [
    { name: files.checkpoint, bytes: encodeUtf8(text) },
    { name: files.signature, bytes: encodeUtf8(signature) },
    { name: files.entries, bytes: await encodeEntries(entries, pause) },
  ];
}

/** What `documentPart` makes of the whole list, piece by piece. */
async function encodeEntries(entries: RecordedAudit['entries'], pause: () => Promise<void>): Promise<Uint8Array> {
  if (entries.length === 0) return documentPart(files.entries, []).bytes;
  const pieces: Uint8Array[] = [];
  let piece = '[';
  for (const [index, { entry, path }] of entries.entries()) {
    const text = JSON.stringify({ entry, path: path.map(encodeHex) }, undefined, 2);
    // No text in JSON has a line break as it is.
    piece += `${index === 0 ? '' : ','}\n  ${text.replaceAll('\n', '\n  ')}`;
    if (piece.length < pieceLength) continue;
    pieces.push(encodeUtf8(piece));
    piece = '';
    await pause();
  }
  return concatBytes(...pieces, encodeUtf8(`${piece}\n]\n`));
}

/**
 * Undefined where a bundle has no such part. Proves that:
 * 1. one of `keys` signed the checkpoint, of the log of just this server;
 * 2. each entry is in that log, at the place that it names;
 * 3. they come in the order of the log, each once.
 * It does not prove that they are all that there are.
 *
 * @throws MalformedError EVIDENCE_PART_*; VerificationError EVIDENCE_AUDIT_UNPROVEN, VERDICT_*
 */
export async function openAudit(
  parts: Parts,
  { keys, server }: { readonly keys: readonly TokenKey[]; readonly server: string },
): Promise<OpenedAudit | undefined> {
  if (!Object.values(files).some((name) => parts.has(name))) return undefined;
  const checkpoint = await openCheckpoint(readSignedCheckpoint(parts), keys).catch(nameCheckpoint);
  if (checkpoint.log !== server) {
    throw new MalformedError('EVIDENCE_PART_INVALID', 'the log of another server', { at: files.checkpoint });
  }
  const entries = readItems(parts).map((item, index) => readProved(item, `${files.entries}[${index}]`, checkpoint));
  const misplaced = entries.findIndex(({ sequence }, index) => sequence <= (entries[index - 1]?.sequence ?? 0));
  if (misplaced === -1) return { checkpoint, entries };
  const at = `${files.entries}[${misplaced}]`;
  throw new MalformedError('EVIDENCE_PART_INVALID', `${at} is not in the order of the log`, { at });
}

function readItems(parts: Parts): readonly JsonValue[] {
  const items = naming(files.entries, () => parseJsonStrict(requirePart(parts, files.entries), { maxDepth: 16 }));
  if (isJsonArray(items) && items.length <= maximumEntries) return items;
  const problem = `${files.entries}: a list of at most ${maximumEntries} entries is expected`;
  throw new MalformedError('EVIDENCE_PART_INVALID', problem, { at: files.entries });
}

/** The entry is hashed as it stands there. Its place in the log is the one that it states: the proof holds for no other. */
function readProved(item: JsonValue, at: string, checkpoint: Checkpoint): LoggedEntry {
  const { entry: field, path } = new Field(item, at, 'EVIDENCE_PART_INVALID').object('entry', 'path');
  const raw = (item as JsonObject)['entry'];
  const logged = readEntry(field, raw);
  const inclusion = {
    leaf: hashLeaf(hashEntry(raw as JsonObject)),
    index: logged.sequence - 1,
    path: path.array(64).map((step) => step.hex(32)),
  };
  if (isIncluded(inclusion, checkpoint)) return logged;
  const problem = `${at}: entry ${logged.sequence} is not in the log that was signed`;
  throw new VerificationError('EVIDENCE_AUDIT_UNPROVEN', problem, { at });
}

function readEntry(field: Field, raw: JsonValue | undefined): LoggedEntry {
  const { sequence, at, actor, action, subject, details, previousHash } = field.object(
    ...(['sequence', 'at', 'actor', 'action', 'subject', 'details', 'previousHash'] as const),
  );
  previousHash.hex(32);
  details.entries(64);
  const { details: told } = raw as { readonly details: JsonObject };
  return {
    sequence: sequence.integer(1, Number.MAX_SAFE_INTEGER),
    at: at.time(),
    actor: actor.words(1024),
    action: action.text(128),
    subject: subject.words(1024),
    details: told,
  };
}

/** As it is there, proved by nobody yet.
 * @throws MalformedError EVIDENCE_PART_MISSING, EVIDENCE_PART_INVALID */
export function readSignedCheckpoint(parts: Parts): SignedCheckpoint {
  return { text: requireText(parts, files.checkpoint), signature: requireText(parts, files.signature) };
}

/** The same refusal, with the part that it is about: whatever the signature did not prove, or what it is over. */
function nameCheckpoint(error: unknown): never {
  if (!(error instanceof AttestationError)) throw error;
  const { code, message } = error;
  if (!code.startsWith('VERDICT_')) {
    const problem = `${files.checkpoint}: ${message}`;
    throw new MalformedError('EVIDENCE_PART_INVALID', problem, { at: files.checkpoint, cause: error });
  }
  throw new VerificationError(code, `${files.signature}: ${message}`, { at: files.signature, cause: error });
}
