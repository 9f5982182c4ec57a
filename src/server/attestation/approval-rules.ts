// Rules that approve or deny TPMs by what is known of them. Declared in touchstone.yaml, so whoever has a token cannot widen them.
// Every condition of a rule must hold; a denial wins over every approval, by whomever.

/** Patterns: `*` stands for any text, `?` for one character. */
export interface RuleConditions {
  /** Who vouches: name of the trust anchor. */
  readonly endorser?: string;
  readonly ekIssuer?: string;
  /** As the certificate says it (`id:49465800`), or by name (`Infineon`). */
  readonly tpmManufacturer?: string;
  readonly tpmModel?: string;
  /** Of the registration of the EK. */
  readonly inventoryLabel?: string;
  /** Name of the join token it comes with. */
  readonly joinToken?: string;
  /** The host chooses it: alone it proves nothing. */
  readonly hostName?: string;
}

export interface ApprovalRule {
  readonly name: string;
  readonly effect: 'approve' | 'deny';
  readonly when: RuleConditions;
}

/** What is known of a TPM that proved itself; each condition is compared with these, and holds for none that is unknown. */
export type Applicant = Readonly<Partial<Record<keyof RuleConditions, readonly string[]>>>;

export interface RuleJudgement {
  readonly effect: ApprovalRule['effect'];
  readonly rule: string;
}

/** The rule that decides; undefined where none does. A rule without conditions decides nothing. */
export function judgeByRules(rules: readonly ApprovalRule[], applicant: Applicant): RuleJudgement | undefined {
  const matching = rules.filter(({ when }) => matches(when, applicant));
  const decisive = matching.find(({ effect }) => effect === 'deny') ?? matching.at(0);
  return decisive && { effect: decisive.effect, rule: decisive.name };
}

/** Why an approval lets in more than it seems to; undefined where it does not. */
export function breadthOf({ effect, when }: ApprovalRule, mode: 'token' | 'open'): string | undefined {
  if (effect === 'deny') return undefined;
  const narrow = conditionsOf(when).filter(([, pattern]) => !/^[*?]*$/.test(pattern));
  const proved = narrow.filter(([name]) => name !== 'hostName');
  if (proved.length === 0) return 'it asks for nothing that the host does not choose itself';
  const ours = proved.some(([name]) => name === 'joinToken' || name === 'inventoryLabel');
  return mode === 'token' || ours ? undefined : 'anybody can buy such a TPM, and no join token is asked for';
}

function matches(when: RuleConditions, applicant: Applicant): boolean {
  const conditions = conditionsOf(when);
  return (
    conditions.length > 0 &&
    conditions.every(([name, pattern]) => (applicant[name] ?? []).some((fact) => matchesPattern(pattern, fact)))
  );
}

function conditionsOf(when: RuleConditions): readonly (readonly [keyof RuleConditions, string])[] {
  return Object.entries(when).filter(([, pattern]) => pattern !== undefined) as [keyof RuleConditions, string][];
}

/** Without backtracking beyond the last `*`: both texts are somebody else's. */
export function matchesPattern(pattern: string, text: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < text.length) {
    if (pattern[at] === '*') {
      [star, mark] = [at, from];
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      at = star + 1;
      mark += 1;
      from = mark;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
