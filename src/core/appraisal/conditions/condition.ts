// One condition of a policy, in CEL: read, gated and type-checked when the policy is read; evaluated at each appraisal.
// Who writes policies controls the text, hosts control the facts. What it costs is bounded by its syntax: no loops but macros,
// none of them in another, and no regular expressions (the package runs them as JavaScript does: one of 30 letters can take
// minutes).
import { Environment } from '@marcbachmann/cel-js';
import { firstLine } from '../../encoding/index.ts';
import { MalformedError } from '../../error.ts';
import type { BootFacts } from '../../event-log/index.ts';
import {
  conditionFacts,
  readConditionFact,
  type ConditionFacts,
  type ConditionValue,
} from './condition-facts.table.ts';
import { factsRead, findFlaws } from './condition-gate.ts';
import { versionAtLeast } from './version-at-least.ts';

/** Made by `parseCondition` only. */
export interface Condition {
  readonly expression: string;
  /** Names of the facts it reads, sorted; at least one. */
  readonly reads: readonly string[];
  /** @throws whatever the package throws: see `judgeCondition` */
  readonly evaluate: (values: Readonly<Record<string, ConditionValue>>) => unknown;
}

export type ConditionOutcome =
  | { readonly kind: 'met' }
  /** `seen`: the facts it read. `event`: one that proves one of them. */
  | { readonly kind: 'refused' | 'failed'; readonly seen: ConditionValues; readonly event: number | undefined }
  /** `missing`: facts that no bound event proves. */
  | { readonly kind: 'unproven'; readonly missing: readonly string[] };

export type ConditionValues = Readonly<Record<string, ConditionValue>>;

export const maximumExpression = 1024;

const remedies = {
  long: 'Split it into several conditions: all conditions of a policy must hold.',
  syntax:
    'Correct the place that is named, or make it shorter where a limit is; docs/policy.md has examples, and `touchstone policy check FILE` tries it offline.',
  type: 'Compare values of one type: docs/policy.md lists the type of each fact.',
  notBoolean: 'Make a comparison of it, such as `== "text"`, `> 1` or `in [...]`.',
  noFact: 'Name a fact that docs/policy.md lists, or leave the condition out.',
} as const;

const environment = createEnvironment();

/**
 * @param path of the expression in its document, for what is wrong with it
 * @throws MalformedError APPRAISAL_CONDITION_INVALID, with line and column
 */
export function parseCondition(expression: string, path: string): Condition {
  const refuse = (reason: string, remedy: string, start = 0): never => {
    const message = `${path}: ${reason} (${placeOf(expression, start)})`;
    throw new MalformedError('APPRAISAL_CONDITION_INVALID', message, { at: path, remedy });
  };
  if (expression.length > maximumExpression) refuse(`longer than ${maximumExpression} characters`, remedies.long);
  const parsed = parseCel(expression, refuse);
  const facts: ConditionFacts = conditionFacts;
  const [flaw] = findFlaws(parsed.ast, { facts });
  if (flaw !== undefined) refuse(flaw.reason, flaw.remedy, flaw.start);
  const { valid, type, error } = parsed.check();
  if (!valid) refuse(reasonOf(error), remedies.type, startOf(error));
  if (type !== 'bool') refuse(`true or false expected, is ${type ?? 'unknown'}`, remedies.notBoolean);
  const reads = [...new Set(factsRead(parsed.ast, facts))].sort();
  if (reads.length === 0) refuse('it reads no fact, so it is the same for every host', remedies.noFact);
  return { expression, reads, evaluate: (values) => parsed(values) as unknown };
}

/** Fails closed: a fact that is missing refuses even where the condition would not have come to it. Never throws. */
export function judgeCondition({ reads, evaluate }: Condition, facts: BootFacts): ConditionOutcome {
  const found = reads.map((name) => [name, readConditionFact(name, facts)] as const);
  const missing = found.flatMap(([name, fact]) => (fact === undefined ? [name] : []));
  if (missing.length > 0) return { kind: 'unproven', missing };
  const seen = Object.fromEntries(found.flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact.value]])));
  const event = found.find(([, fact]) => fact?.event !== undefined)?.[1]?.event;
  try {
    return evaluate(seen) === true ? { kind: 'met' } : { kind: 'refused', seen, event };
  } catch {
    return { kind: 'failed', seen, event };
  }
}

function createEnvironment(): Environment {
  const limits = { maxAstNodes: 200, maxDepth: 24, maxListElements: 64, maxMapEntries: 16, maxCallArguments: 4 };
  const created = new Environment({ unlistedVariablesAreDyn: false, enableOptionalTypes: false, limits });
  for (const [name, { type }] of Object.entries(conditionFacts)) created.registerVariable(name, type);
  return created.registerFunction('versionAtLeast(string, string): bool', versionAtLeast);
}

function parseCel(
  expression: string,
  refuse: (reason: string, remedy: string, start?: number) => never,
): ReturnType<Environment['parse']> {
  try {
    return environment.parse(expression);
  } catch (error) {
    return refuse(reasonOf(error), remedies.syntax, startOf(error));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? firstLine(error.message) : 'it cannot be read';
}

function startOf(error: unknown): number {
  const range =
    error instanceof Error && 'range' in error ? (error.range as { start?: unknown } | undefined) : undefined;
  return typeof range?.start === 'number' ? range.start : 0;
}

/** Both count from 1. */
function placeOf(text: string, start: number): string {
  const lines = text.slice(0, start).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}
