import type { Mismatch } from './compare.ts';

/** What the product saw in one case, in the names of the case's expectation, and where the two differ. */
export interface Observation {
  readonly observed: Readonly<Record<string, unknown>>;
  readonly mismatches: readonly Mismatch[];
}

/** The members of `expect` that are named, as far as it has them. */
export function pick(
  expect: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.filter((name) => name in expect).map((name) => [name, expect[name]]));
}

/** A case whose expectation names nothing that is compared proves nothing, so it does not pass. */
export function nothingToCompare(): Mismatch {
  return { field: 'expect', expected: 'something that can be compared', observed: null };
}
