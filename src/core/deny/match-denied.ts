// Golden measurements that are denied and that a boot agrees with: asked of each by itself, because a verdict names one match
// only, and of every layer, because a policy need not demand it.
import type { ReplayedLog } from '../event-log/index.ts';
import { matchLayer, supposeApprovedStatement } from '../golden/index.ts';
import type { DenyRules, NamedGolden, RuleOf } from './deny-rules.ts';

type GoldenRule = RuleOf<'golden'> | RuleOf<'golden-subject'>;

/** Entries that deny this golden measurement, by its id or by a subject. */
export function rulesOfGolden({ id, statement }: NamedGolden, rules: DenyRules): readonly GoldenRule[] {
  const { layer, subjects } = statement;
  const named = rules.goldenSubjects.filter(({ denies }) => {
    return denies.layer === layer && subjects.some(({ name }) => name === denies.name);
  });
  return [...(rules.goldens.get(id) ?? []), ...named];
}

/** Those that may be denied: what is in force for the host, and what entries name besides. */
export function deniableGoldens(
  goldens: readonly NamedGolden[],
  { named }: Pick<DenyRules, 'named'>,
): readonly NamedGolden[] {
  const ids = new Set(goldens.map(({ id }) => id));
  return [...goldens, ...named.filter(({ id }) => !ids.has(id))];
}

/** Ids. Layer `runtime` is not of the boot: see `matchRuntime`. */
export function matchDeniedGoldens(
  log: ReplayedLog,
  goldens: readonly NamedGolden[],
  rules: DenyRules,
): readonly string[] {
  if (rules.goldens.size + rules.goldenSubjects.length === 0) return [];
  return deniableGoldens(goldens, rules)
    .filter((golden) => rulesOfGolden(golden, rules).length > 0)
    .filter(({ id, statement }) => {
      const golden = supposeApprovedStatement(id, statement);
      return matchLayer(statement.layer, log, [golden]).outcome === 'matched';
    })
    .map(({ id }) => id);
}
