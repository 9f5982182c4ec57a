// Expected against observed, with the foldings of the vectors: case does not count, and a word that begins with one of the
// outcomes counts as that outcome alone ("reject as TDX" is "reject").

export interface Mismatch {
  readonly field: string;
  readonly expected: unknown;
  readonly observed: unknown;
}

/** Word -> what it counts as. Both ways of saying that bytes cannot be read are one outcome. */
const outcomes: Readonly<Record<string, string>> = {
  ok: 'ok',
  accept: 'accept',
  reject: 'reject',
  unverifiable: 'unverifiable',
  error: 'error',
  malformed: 'error',
};

/** The fields of `expected`, recursively, that `observed` shows differently. Further fields of `observed` are not compared. */
export function compare(
  expected: Readonly<Record<string, unknown>>,
  observed: unknown,
  path = '',
): readonly Mismatch[] {
  const shown = isObject(observed) ? observed : {};
  return Object.entries(expected).flatMap(([name, value]) => {
    const field = path === '' ? name : `${path}.${name}`;
    const found = shown[name];
    if (isObject(value)) return compare(value, found, field);
    return fold(value) === fold(found) ? [] : [{ field, expected: value, observed: found ?? null }];
  });
}

/** Whole objects of `expected`: what `observed` has beyond them is a mismatch too. */
export function compareExactly(
  expected: Readonly<Record<string, unknown>>,
  observed: unknown,
  field: string,
): readonly Mismatch[] {
  const shown = isObject(observed) ? observed : {};
  const surplus = Object.keys(shown)
    .filter((name) => !(name in expected))
    .map((name): Mismatch => ({ field: `${field}.${name}`, expected: null, observed: shown[name] }));
  return [...compare(expected, observed, field), ...surplus];
}

function fold(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') return typeof value === 'object' ? JSON.stringify(value) : value;
  const text = value.toLowerCase();
  const word = Object.keys(outcomes).find((outcome) => text.startsWith(outcome));
  return word === undefined ? text : outcomes[word];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
