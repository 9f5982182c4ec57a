// Every way in which one leaf of an expectation can be another: a value changed, a member or an element removed or added.

export interface Alteration {
  /** Of the leaf, as a mismatch names it. */
  readonly path: string;
  readonly how: 'changed' | 'removed' | 'added';
  readonly expect: Readonly<Record<string, unknown>>;
}

type Members = Readonly<Record<string, unknown>>;

/** Of the members that are compared. Further members of `expect` stay as they are. */
export function alterationsOf(expect: Members, compared: readonly string[]): readonly Alteration[] {
  return compared.flatMap((name) =>
    alter(expect[name], name).map((one) => ({ ...one, expect: { ...expect, [name]: one.value } })),
  );
}

interface Altered extends Omit<Alteration, 'expect'> {
  readonly value: unknown;
}

function alter(value: unknown, path: string): readonly Altered[] {
  if (Array.isArray(value)) return alterArray(value, path);
  if (!isMembers(value)) return [{ path, how: 'changed', value: another(value) }];
  const entries = Object.entries(value);
  return [
    { path: `${path}.23x`, how: 'added', value: { ...value, '23x': 'aa' } },
    ...entries.flatMap(([name, member]): readonly Altered[] => [
      ...alter(member, `${path}.${name}`).map((one) => ({ ...one, value: { ...value, [name]: one.value } })),
      {
        path: `${path}.${name}`,
        how: 'removed',
        value: Object.fromEntries(entries.filter(([other]) => other !== name)),
      },
    ]),
  ];
}

/** An array differs as a whole, so its own path is named. */
function alterArray(value: readonly unknown[], path: string): readonly Altered[] {
  const added: Altered = { path, how: 'added', value: [...value, 'sm3'] };
  const elements = value.flatMap((element, index): readonly Altered[] => [
    { path, how: 'removed', value: value.filter((_, other) => other !== index) },
    ...alter(element, path).map((one) => ({
      ...one,
      path,
      value: value.map((other, at) => (at === index ? one.value : other)),
    })),
  ]);
  return [added, ...elements];
}

function another(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (typeof value !== 'string') return 'x';
  const outcome = Object.keys(otherOutcomes).find((word) => value.toLowerCase().startsWith(word));
  if (outcome !== undefined) return otherOutcomes[outcome];
  return /[0-9a-f]$/.test(value) ? value.slice(0, -1) + (value.endsWith('0') ? '1' : '0') : `x${value}`;
}

const otherOutcomes: Readonly<Record<string, string>> = {
  ok: 'error',
  error: 'ok',
  malformed: 'ok',
  accept: 'reject',
  reject: 'accept',
  unverifiable: 'reject',
};

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}
