// The lists in force, sorted by what they deny, so that ten thousand entries cost a boot as much as one.
import { encodeHex } from '../encoding/index.ts';
import type { Denied, DenyEntry, DenyList } from './deny-list.ts';

/** One entry of one list. */
export interface DenyRule<What extends Denied = Denied> {
  readonly list: string;
  readonly entry: DenyEntry;
  readonly denies: What;
}

/** Entries of one kind. */
export type RuleOf<Kind extends Denied['kind']> = DenyRule<Extract<Denied, { readonly kind: Kind }>>;

export interface DenyRules {
  readonly measurements: readonly RuleOf<'measurement'>[];
  /** By bank and digest: `sha256:` and hexadecimal. */
  readonly byDigest: ReadonlyMap<string, readonly RuleOf<'measurement'>[]>;
  readonly certificates: ReadonlyMap<string, readonly RuleOf<'certificate'>[]>;
  readonly endorsements: ReadonlyMap<string, readonly RuleOf<'endorsement'>[]>;
  readonly sbat: readonly RuleOf<'sbat'>[];
  readonly firmwareVersions: readonly RuleOf<'firmware-version'>[];
  readonly goldens: ReadonlyMap<string, readonly RuleOf<'golden'>[]>;
  readonly goldenSubjects: readonly RuleOf<'golden-subject'>[];
  /** Milliseconds at which an entry ceases to deny. */
  readonly ends: readonly number[];
}

/** What the lists deny together; undefined where that is nothing. */
export function denyRulesOf(lists: readonly DenyList[]): DenyRules | undefined {
  return lists.every(({ entries }) => entries.length === 0) ? undefined : createDenyRules(lists);
}

/** The entries of all lists, by what they deny. The caller gives no two lists of one name. */
export function createDenyRules(lists: readonly DenyList[]): DenyRules {
  const rules = lists.flatMap(({ name, entries }) =>
    entries.map((entry): DenyRule => ({ list: name, entry, denies: entry.denies })),
  );
  const ofKind = <Kind extends Denied['kind']>(kind: Kind): readonly RuleOf<Kind>[] =>
    rules.filter((rule): rule is RuleOf<Kind> => rule.denies.kind === kind);
  const measurements = ofKind('measurement');
  return {
    measurements,
    byDigest: groupBy(measurements, ({ denies }) =>
      [...denies.digests].map(([bank, value]) => `${bank}:${encodeHex(value)}`),
    ),
    certificates: groupBy(ofKind('certificate'), ({ denies }) => [denies.sha256]),
    endorsements: groupBy(ofKind('endorsement'), ({ denies }) => [denies.sha256]),
    sbat: ofKind('sbat'),
    firmwareVersions: ofKind('firmware-version'),
    goldens: groupBy(ofKind('golden'), ({ denies }) => [denies.id]),
    goldenSubjects: ofKind('golden-subject'),
    ends: rules.flatMap(({ entry: { until } }) => (until === undefined ? [] : [until.getTime()])),
  };
}

/** Whether the entry denies at `at`: before its end (`until` itself is too late), or for good where it has none. */
export function isInForceAt({ entry: { until } }: Pick<DenyRule, 'entry'>, at: Date): boolean {
  return until === undefined || at < until;
}

function groupBy<Rule>(rules: readonly Rule[], keysOf: (rule: Rule) => readonly string[]): Map<string, Rule[]> {
  const groups = new Map<string, Rule[]>();
  for (const rule of rules) {
    for (const key of keysOf(rule)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [rule]);
      else group.push(rule);
    }
  }
  return groups;
}
