// What the product reads in a file of somebody else's vectors, held against what the vectors expect.
import { compare, type Mismatch } from './compare.ts';
import type { Expectation, VectorCase, Vectors } from './vectors.ts';

/** What the product saw in a file, in the names of the case's expectation. */
export type Observed = Readonly<Record<string, unknown>>;

/** How cases of one kind are read, and what of their expectation is held against what was read. */
export interface Reading {
  readonly observe: (vectors: Vectors, vectorCase: VectorCase) => Observed | Promise<Observed>;
  readonly compare: (expect: Expectation, observed: Observed) => readonly Mismatch[];
}

/** The members of `expect` that are named, as far as it has them. */
export function pick(expect: Expectation, names: readonly string[]): Expectation {
  return Object.fromEntries(names.filter((name) => name in expect).map((name) => [name, expect[name]]));
}

/** Compares all of `expected`. A case whose expectation names nothing that is compared proves nothing, so it does not pass. */
export function compareSome(expected: Expectation, observed: Observed): readonly Mismatch[] {
  if (Object.keys(expected).length > 0) return compare(expected, observed);
  return [{ field: 'expect', expected: 'something that can be compared', observed: null }];
}
