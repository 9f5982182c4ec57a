// What the server knew when it made the file and the verdict does not say: who set the host aside, what of that which was trusted has
// ended since, and what operators signed for the host. Word of the server, but for break-glass, which carries its signatures.
import { encodeHex, type Field } from '../encoding/index.ts';
import type { Part } from './archive.ts';
import { documentPart, readDocument, requirePart, type Parts } from './documents.ts';

/** Operators' word that the host was not trusted, from `from` until the earlier of `until` and `liftedAt`. */
export interface RecordedQuarantine {
  readonly id: string;
  readonly reason: string;
  readonly from: Date;
  readonly by: string;
  readonly until: Date | undefined;
  readonly liftedAt: Date | undefined;
}

/** The end of what was in force at the verdict. */
export interface RecordedEnd {
  readonly what: 'golden' | 'anchor';
  /** Of a golden measurement its id, of an anchor the SHA-256 of its certificate. */
  readonly id: string;
  readonly end: 'retired' | 'revoked' | 'withdrawn';
  readonly at: Date;
  readonly reason: string;
}

export interface RecordedBreakGlass {
  readonly envelope: Uint8Array;
  readonly storedAt: Date;
  /** The end that was signed, or an earlier one that the configuration demands. */
  readonly until: Date;
  readonly endedAt: Date | undefined;
}

export interface RecordedHistory {
  readonly quarantines: readonly RecordedQuarantine[];
  readonly ends: readonly RecordedEnd[];
  readonly breakGlass: readonly RecordedBreakGlass[];
}

const file = 'history.json';
const folder = 'trust/break-glass';
const maximumItems = 10_000;

export function encodeHistory({ quarantines, ends, breakGlass }: RecordedHistory): readonly Part[] {
  const document = {
    quarantines: quarantines.map(({ id, reason, from, by, until, liftedAt }) => {
      return { id, reason, from: from.toISOString(), by, until: textOf(until), liftedAt: textOf(liftedAt) };
    }),
    ends: ends.map(({ what, id, end, at, reason }) => ({ what, id, end, at: at.toISOString(), reason })),
    breakGlass: breakGlass.map(({ storedAt, until, endedAt }) => {
      return { storedAt: storedAt.toISOString(), until: until.toISOString(), endedAt: textOf(endedAt) };
    }),
  };
  const envelopes = breakGlass.map(({ envelope }, index) => ({ name: nameOf(index), bytes: envelope }));
  return [documentPart(file, document), ...envelopes];
}

/** Undefined where a bundle was made without.
 * @throws MalformedError EVIDENCE_PART_MISSING, EVIDENCE_PART_INVALID */
export function readHistory(parts: Parts): RecordedHistory | undefined {
  if (!parts.has(file)) return undefined;
  return readDocument(parts, file, (root) => {
    const { quarantines, ends, breakGlass } = root.object('quarantines', 'ends', 'breakGlass');
    return {
      quarantines: quarantines.array(maximumItems).map(readQuarantine),
      ends: ends.array(maximumItems).map(readEnd),
      breakGlass: breakGlass.array(maximumItems).map((field, index) => {
        const { storedAt, until, endedAt } = field.object('storedAt', 'until', 'endedAt');
        const envelope = requirePart(parts, nameOf(index));
        return { envelope, storedAt: storedAt.time(), until: until.time(), endedAt: readTime(endedAt) };
      }),
    };
  });
}

export function isInQuarantine({ from, until, liftedAt }: RecordedQuarantine, at: Date): boolean {
  return from <= at && (until === undefined || at < until) && (liftedAt === undefined || at < liftedAt);
}

function readQuarantine(field: Field): RecordedQuarantine {
  const { id, reason, from, by, until, liftedAt } = field.object('id', 'reason', 'from', 'by', 'until', 'liftedAt');
  return {
    id: id.text(64),
    reason: reason.words(2048),
    from: from.time(),
    by: by.words(1024),
    until: readTime(until),
    liftedAt: readTime(liftedAt),
  };
}

function readEnd(field: Field): RecordedEnd {
  const { what, id, end, at, reason } = field.object('what', 'id', 'end', 'at', 'reason');
  const kind = what.oneOf(['golden', 'anchor']);
  return {
    what: kind,
    id: kind === 'golden' ? id.text(80) : encodeHex(id.hex(32)),
    end: end.oneOf(['retired', 'revoked', 'withdrawn']),
    at: at.time(),
    reason: reason.words(2048),
  };
}

function nameOf(index: number): string {
  return `${folder}/${index + 1}.dsse.json`;
}

function textOf(time: Date | undefined): string | null {
  return time?.toISOString() ?? null;
}

function readTime(field: Field): Date | undefined {
  return field.nullable((one) => one.time());
}
