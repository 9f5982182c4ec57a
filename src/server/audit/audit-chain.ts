// The audit log is a chain: each entry carries the hash of the one before, so that nothing can be taken out or changed
// later without changing every hash that follows.
import { canonicalJson, decodeUtf8, encodeHex, isoTime, type JsonObject } from '../../core/encoding/index.ts';
import { hashEntry } from '../../core/transparency/index.ts';
import type { AuditDraft, AuditRecord } from '../storage/records.ts';

/** Before the first entry. */
export const chainStart: Uint8Array = new Uint8Array(32);

/** The entry that follows `previous`. */
export function chainEntry(
  draft: AuditDraft,
  previous: Pick<AuditRecord, 'sequence' | 'hash'> | undefined,
): AuditRecord {
  const sequence = (previous?.sequence ?? 0) + 1;
  const previousHash = previous?.hash ?? chainStart;
  return { ...draft, sequence, previousHash, hash: hashEntry(auditFields({ ...draft, sequence, previousHash })) };
}

/** What is hashed for an entry, around what only the entry before it tells: `before`, the hash of that entry in hexadecimal, `between`,
 * the own sequence, `behind`. In the order of canonical JSON. */
export function chainText({ at, actor, action, subject, details }: AuditDraft): {
  readonly before: string;
  readonly between: string;
  readonly behind: string;
} {
  const members = (value: JsonObject): string => decodeUtf8(canonicalJson(value)).slice(1, -1);
  const first = members({ at: isoTime(at), actor, action, details });
  return {
    before: `{${first},"previousHash":"`,
    between: '","sequence":',
    behind: `,${members({ subject })}}`,
  };
}

/** The entry as the API shows it, without its hash. */
export function auditFields(entry: Omit<AuditRecord, 'hash'>): JsonObject {
  return {
    sequence: entry.sequence,
    at: isoTime(entry.at),
    actor: entry.actor,
    action: entry.action,
    subject: entry.subject,
    details: entry.details,
    previousHash: encodeHex(entry.previousHash),
  };
}

/** Sequence of the first entry that does not follow from the one before it; undefined when the chain holds. */
export function findBrokenLink(
  entries: readonly AuditRecord[],
  before?: Pick<AuditRecord, 'sequence' | 'hash'>,
): number | undefined {
  let previous = before;
  for (const entry of entries) {
    const expected = chainEntry(entry, previous);
    if (expected.sequence !== entry.sequence || encodeHex(expected.hash) !== encodeHex(entry.hash))
      return entry.sequence;
    previous = entry;
  }
  return undefined;
}
