// The lists in force, sorted by what they deny, so that ten thousand entries cost a boot as much as one.
import { allAtOnce, encodeHex, inPieces, type Pieces } from '../encoding/index.ts';
import type { GoldenStatement } from '../golden/index.ts';
import type { Denied, DenyEntry, DenyList } from './deny-list.ts';

/** One entry of one list. */
export interface DenyRule<What extends Denied = Denied> {
  readonly list: string;
  readonly entry: DenyEntry;
  readonly denies: What;
}

/** What an entry may name. Whether a quorum signed it is of no matter: nothing but a refusal follows from it. */
export interface NamedGolden {
  readonly id: string;
  readonly statement: GoldenStatement;
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
  /** What those are that entries name by id or subject, in force or not. */
  readonly named: readonly NamedGolden[];
  /** Milliseconds at which an entry ceases to deny. */
  readonly ends: readonly number[];
}

/** What the lists deny together; undefined where that is nothing. */
export function denyRulesOf(lists: readonly DenyList[], named: readonly NamedGolden[] = []): DenyRules | undefined {
  return lists.every(({ entries }) => entries.length === 0) ? undefined : createDenyRules(lists, named);
}

/** As `denyRulesOf`, in pieces. */
export async function denyRulesInPieces(
  lists: readonly DenyList[],
  pause: () => Promise<void>,
  named: readonly NamedGolden[] = [],
): Promise<DenyRules | undefined> {
  return lists.every(({ entries }) => entries.length === 0) ? undefined : inPieces(sortRules(lists, named), pause);
}

/** The entries of all lists, by what they deny. The caller gives no two lists of one name. */
export function createDenyRules(lists: readonly DenyList[], named: readonly NamedGolden[] = []): DenyRules {
  return allAtOnce(sortRules(lists, named));
}

/** To sort so many takes some milliseconds. */
const entriesInPiece = 2000;

function* sortRules(lists: readonly DenyList[], named: readonly NamedGolden[]): Pieces<DenyRules> {
  const rules = {
    named,
    measurements: [] as RuleOf<'measurement'>[],
    byDigest: new Map<string, RuleOf<'measurement'>[]>(),
    certificates: new Map<string, RuleOf<'certificate'>[]>(),
    endorsements: new Map<string, RuleOf<'endorsement'>[]>(),
    sbat: [] as RuleOf<'sbat'>[],
    firmwareVersions: [] as RuleOf<'firmware-version'>[],
    goldens: new Map<string, RuleOf<'golden'>[]>(),
    goldenSubjects: [] as RuleOf<'golden-subject'>[],
    ends: [] as number[],
  };
  let count = 0;
  for (const { name: list, entries } of lists) {
    for (const entry of entries) {
      count += 1;
      if (count % entriesInPiece === 0) yield;
      const { denies, until } = entry;
      if (until !== undefined) rules.ends.push(until.getTime());
      switch (denies.kind) {
        case 'measurement': {
          const rule = { list, entry, denies };
          rules.measurements.push(rule);
          for (const [bank, value] of denies.digests) addTo(rules.byDigest, `${bank}:${encodeHex(value)}`, rule);
          break;
        }
        case 'certificate':
          addTo(rules.certificates, denies.sha256, { list, entry, denies });
          break;
        case 'endorsement':
          addTo(rules.endorsements, denies.sha256, { list, entry, denies });
          break;
        case 'sbat':
          rules.sbat.push({ list, entry, denies });
          break;
        case 'firmware-version':
          rules.firmwareVersions.push({ list, entry, denies });
          break;
        case 'golden':
          addTo(rules.goldens, denies.id, { list, entry, denies });
          break;
        case 'golden-subject':
          rules.goldenSubjects.push({ list, entry, denies });
      }
    }
  }
  return rules;
}

/** Whether the entry denies at `at`: before its end (`until` itself is too late), or for good where it has none. */
export function isInForceAt({ entry: { until } }: Pick<DenyRule, 'entry'>, at: Date): boolean {
  return until === undefined || at < until;
}

function addTo<Rule>(groups: Map<string, Rule[]>, key: string, rule: Rule): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [rule]);
  else group.push(rule);
}
