// Expected against observed, with the foldings of the vectors: case does not count, and a word that begins with one of the
// outcomes counts as that outcome alone ("reject as TDX" is "reject").
import { isRecord } from '../../core/encoding/index.ts';

export interface Mismatch {
  readonly field: string;
  readonly expected: unknown;
  readonly observed: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/** Word -> what it counts as. Both ways of saying that bytes cannot be read are one outcome. */
const outcomes: Readonly<Record<string, string>> = {
  ok: 'ok',
  accept: 'accept',
  reject: 'reject',
  unverifiable: 'unverifiable',
  error: 'error',
  malformed: 'error',
};

/** The fields of `expected` that `observed` shows differently. Further fields of `observed` are not compared, but an object
 * that `expected` has is compared whole: what is missing in it, and what it has too many, differs. */
export function compare(expected: Members, observed: unknown): readonly Mismatch[] {
  const shown = isRecord(observed) ? observed : {};
  return Object.entries(expected).flatMap(([name, value]) => compareWhole(value, shown[name], name));
}

/** Like `compare`, for members of one object of the expectation whose own members are not all known to it. */
export function compareWithin(expected: Members, observed: unknown, field: string): readonly Mismatch[] {
  return compare(expected, observed).map((mismatch) => ({ ...mismatch, field: `${field}.${mismatch.field}` }));
}

/** Every leaf on either side. */
export function compareWhole(expected: unknown, observed: unknown, field: string): readonly Mismatch[] {
  if (!isRecord(expected)) {
    return fold(expected) === fold(observed) ? [] : [differing(field, expected, observed)];
  }
  if (!isRecord(observed)) return [differing(field, expected, observed)];
  const names = new Set([...Object.keys(expected), ...Object.keys(observed)]);
  return [...names].flatMap((name) => compareWhole(expected[name], observed[name], `${field}.${name}`));
}

const differing = (field: string, expected: unknown, observed: unknown): Mismatch => ({
  field,
  expected: expected ?? null,
  observed: observed ?? null,
});

function fold(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') return typeof value === 'object' ? JSON.stringify(value) : value;
  const text = value.toLowerCase();
  const word = Object.keys(outcomes).find((outcome) => text.startsWith(outcome));
  return word === undefined ? text : outcomes[word];
}
