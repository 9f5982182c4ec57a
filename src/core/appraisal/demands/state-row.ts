// A fact that has a few states, of which a policy demands the good ones.
import type { BootFacts, Fact } from '../../event-log/index.ts';
import type { FactRow } from './facts.table.ts';
import type { FindingCode } from '../findings.table.ts';
import type { FactName, Shortfall } from './required-facts.ts';

export interface StateRow<Wanted extends string> {
  readonly what: string;
  readonly readFrom: string;
  readonly fact: FactName;
  /** The one word that a policy can write. */
  readonly wanted: Wanted;
  readonly read: (facts: BootFacts) => Fact<string>;
  /** States that satisfy it. */
  readonly met: readonly string[];
  /** States besides `unknown` that say nothing; every other one is refused. */
  readonly unproven?: readonly string[];
  readonly codes?: Readonly<Partial<Record<Shortfall['kind'], FindingCode>>>;
}

export function createStateRow<const Wanted extends string>(row: StateRow<Wanted>): FactRow<Wanted> {
  const { what, readFrom, wanted } = row;
  return {
    what,
    readFrom,
    schema: { type: 'string', const: wanted },
    parse: (field) => field.oneOf([wanted]),
    judge: (facts) => judgeState(row, row.read(facts)),
  };
}

function judgeState(row: StateRow<string>, { value, event }: Fact<string>): readonly Shortfall[] {
  if (row.met.includes(value)) return [];
  const kind = value === 'unknown' || row.unproven?.includes(value) === true ? 'unproven' : 'refused';
  const code = row.codes?.[kind];
  return [
    { kind, fact: row.fact, expected: row.wanted, observed: value, event, ...(code === undefined ? {} : { code }) },
  ];
}
