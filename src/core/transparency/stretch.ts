// A stretch of an audit log: entries that follow each other, as the API shows them. The hash of an entry covers the hash of the entry before
// it, so an inclusion proof of the last entry proves all of them. [RFC9162 §2.1.3]
import { decodeHex, encodeHex, isJsonObject, type JsonObject, type JsonValue, Field } from '../encoding/index.ts';
import { MalformedError, VerificationError } from '../error.ts';
import type { OpenedCheckpoint } from './checkpoint.ts';
import { hashEntry } from './entry.ts';
import { hashLeaf, isIncluded } from './merkle-tree.ts';

/** One end of a stretch. */
export interface StretchEnd {
  readonly sequence: number;
  readonly at: Date;
}

declare const verified: unique symbol;

/** Entries that follow each other in the log that was signed. Made by `verifyStretch` only. */
export interface VerifiedStretch {
  readonly [verified]: true;
  readonly first: StretchEnd;
  readonly last: StretchEnd;
}

interface Link extends StretchEnd {
  readonly previousHash: string;
  readonly hash: string;
}

/** What the first entry of a log has as `previousHash`, in hexadecimal. */
const chainStart = '0'.repeat(64);

const members = ['sequence', 'at', 'actor', 'action', 'subject', 'details', 'previousHash', 'hash'] as const;

/**
 * Proves of entries that somebody has:
 * 1. there are some;
 * 2. each has the hash that it says: nothing in it was changed;
 * 3. each follows from the one before it, and the first entry of the log from none: none between them is missing, and none was put in or moved;
 * 4. the last one is in the log that was signed, at its place, and with it all before it.
 * It does not prove that they are all that there are: what came before the first and after the last, and what the log says elsewhere, is not looked
 * at. Nor that an entry was true when it was written.
 *
 * @throws MalformedError AUDIT_ENTRY_MALFORMED; VerificationError AUDIT_ENTR*
 */
export function verifyStretch(
  entries: readonly JsonValue[],
  checkpoint: OpenedCheckpoint,
  path: readonly Uint8Array[] | undefined,
): VerifiedStretch {
  let first: Link | undefined;
  let last: Link | undefined;
  for (const [index, entry] of entries.entries()) {
    const link = readLink(entry, index);
    checkFollows(link, last);
    first ??= link;
    last = link;
  }
  if (first === undefined || last === undefined) {
    throw new VerificationError('AUDIT_ENTRIES_NONE', 'there is no entry to prove');
  }
  checkIncluded(last, checkpoint, path);
  const endOf = ({ sequence, at }: Link): StretchEnd => ({ sequence, at });
  return { first: endOf(first), last: endOf(last) } as unknown as VerifiedStretch;
}

/** Whoever brings the entries chooses all of this. The hash that an entry states counts only where it is the one computed here. */
function readLink(entry: JsonValue, index: number): Link {
  const field = new Field(entry, `entries[${index}]`, 'AUDIT_ENTRY_MALFORMED').object(...members);
  const { sequence, at, previousHash, hash } = field;
  const link = {
    sequence: sequence.integer(1, Number.MAX_SAFE_INTEGER),
    at: at.time(),
    previousHash: encodeHex(previousHash.hex(32)),
    hash: encodeHex(hash.hex(32)),
  };
  if (encodeHex(hashOfEntry(entry)) === link.hash) return link;
  const problem = `entry ${link.sequence} has another hash than it says: it was changed`;
  throw new VerificationError('AUDIT_ENTRY_CHANGED', problem, { at: `entries[${index}]` });
}

function hashOfEntry(entry: JsonValue): Uint8Array {
  if (!isJsonObject(entry)) throw new MalformedError('AUDIT_ENTRY_MALFORMED', 'an entry is an object');
  const hashed: JsonObject = Object.fromEntries(Object.entries(entry).filter(([name]) => name !== 'hash'));
  return hashEntry(hashed);
}

function checkFollows({ sequence, previousHash }: Link, before: Link | undefined): void {
  if (before === undefined) {
    if (sequence > 1 || previousHash === chainStart) return;
    throw new VerificationError('AUDIT_ENTRIES_GAP', 'entry 1 follows from another, and nothing comes before it');
  }
  if (sequence === before.sequence + 1 && previousHash === before.hash) return;
  const problem =
    sequence === before.sequence + 1
      ? `entry ${sequence} does not follow from entry ${before.sequence}: one of them is not that of this log`
      : `entry ${sequence} comes behind entry ${before.sequence}: those between are missing, or the order is another`;
  throw new VerificationError('AUDIT_ENTRIES_GAP', problem);
}

function checkIncluded(
  { sequence, hash }: Link,
  checkpoint: OpenedCheckpoint,
  path: readonly Uint8Array[] | undefined,
): void {
  if (path === undefined || sequence > checkpoint.size) {
    const problem = `no proof that entry ${sequence} is among the ${checkpoint.size} entries that were signed`;
    throw new VerificationError('AUDIT_ENTRIES_UNPROVEN', problem);
  }
  if (isIncluded({ leaf: hashLeaf(decodeHex(hash)), index: sequence - 1, path }, checkpoint)) return;
  const problem = `entry ${sequence} is not in the log that was signed, or what is said to prove it belongs to another`;
  throw new VerificationError('AUDIT_ENTRIES_FOREIGN', problem);
}
