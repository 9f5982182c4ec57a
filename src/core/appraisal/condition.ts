// One condition of a policy, in CEL: read, gated and type-checked when the policy is written; evaluated at each appraisal.
// Who writes policies controls the text. What it costs is bounded by its syntax: no loops but macros, none of them nested,
// no regular expressions (the package runs them as JavaScript does: one of 30 letters can take minutes).
import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { MalformedError } from '../error.ts';

export type ConditionType = 'string' | 'int' | 'bool' | 'list<string>' | 'map<string, int>' | 'map<string, string>';

export type ConditionValue =
  string | bigint | boolean | readonly string[] | Readonly<Record<string, bigint>> | Readonly<Record<string, string>>;

/** Brand: made by `parseCondition` only. */
export interface Condition {
  readonly expression: string;
  /** Names of the facts it reads, sorted; at least one. */
  readonly reads: readonly string[];
  /** @throws whatever the package throws: see `judgeCondition` */
  readonly evaluate: (values: Readonly<Record<string, ConditionValue>>) => unknown;
}

export type ConditionOutcome =
  | { readonly kind: 'met' }
  /** `seen`: the facts it read. */
  | { readonly kind: 'refused'; readonly seen: Readonly<Record<string, ConditionValue>> }
  /** `missing`: facts that no bound event proves; empty where the evaluation itself failed. */
  | { readonly kind: 'unproven'; readonly missing: readonly string[] };

const maximumLength = 2048;
const limits = { maxAstNodes: 500, maxDepth: 24, maxListElements: 128, maxMapEntries: 32, maxCallArguments: 8 };

const macros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);
const functions: ReadonlySet<string> = new Set([...macros, 'size', 'contains', 'startsWith', 'endsWith']);

/**
 * @param types of the facts it may read
 * @throws MalformedError APPRAISAL_CONDITION_INVALID
 */
export function parseCondition(expression: string, types: Readonly<Record<string, ConditionType>>): Condition {
  if (expression.length > maximumLength) fail(`longer than ${maximumLength} characters`);
  const environment = new Environment({ unlistedVariablesAreDyn: false, enableOptionalTypes: false, limits });
  for (const [name, type] of Object.entries(types)) environment.registerVariable(name, type);
  const parsed = attempt(() => environment.parse(expression));
  checkCalls(parsed.ast, types, false);
  const { valid, type, error } = parsed.check();
  if (!valid) fail(firstLine(error));
  if (type !== 'bool') fail(`true or false expected, is ${type ?? 'unknown'}`);
  const reads = [...new Set(namesIn(parsed.ast))].filter((name) => Object.hasOwn(types, name)).sort();
  if (reads.length === 0) fail('it reads no fact, so it is the same for every host');
  return { expression, reads, evaluate: (values) => parsed(values) as unknown };
}

/** Fails closed: a fact that is missing refuses even where the condition would not have come to it. Never throws. */
export function judgeCondition(
  condition: Condition,
  facts: Readonly<Record<string, ConditionValue | undefined>>,
): ConditionOutcome {
  const missing = condition.reads.filter((name) => facts[name] === undefined);
  if (missing.length > 0) return { kind: 'unproven', missing };
  const seen = Object.fromEntries(
    condition.reads.flatMap((name) => {
      const value = facts[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  let value: unknown;
  try {
    value = condition.evaluate(seen);
  } catch {
    return { kind: 'unproven', missing: [] };
  }
  return value === true ? { kind: 'met' } : { kind: 'refused', seen };
}

/** Only functions whose cost is that of reading their operands once; a macro inside a macro multiplies. */
function checkCalls(node: ASTNode, types: Readonly<Record<string, ConditionType>>, insideMacro: boolean): void {
  const name = node.op === 'call' || node.op === 'rcall' ? node.args[0] : undefined;
  if (name !== undefined && !functions.has(name)) fail(`the function ${name} is not available`);
  const isMacro = name !== undefined && macros.has(name);
  if (isMacro && insideMacro) fail(`${name} stands inside another macro`);
  // Otherwise a name would mean one thing here, a fact there.
  const [variable] = isMacro && node.op === 'rcall' ? node.args[2] : [];
  if (variable?.op === 'id' && Object.hasOwn(types, variable.args)) fail(`${variable.args} is the name of a fact`);
  for (const child of childrenOf(node.args)) checkCalls(child, types, insideMacro || isMacro);
}

function namesIn(node: ASTNode): readonly string[] {
  return [...(node.op === 'id' ? [node.args] : []), ...childrenOf(node.args).flatMap(namesIn)];
}

function childrenOf(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : [];
}

function attempt<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    return fail(firstLine(error));
  }
}

function firstLine(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'it cannot be read';
}

function fail(reason: string): never {
  throw new MalformedError('APPRAISAL_CONDITION_INVALID', `condition: ${reason}`, { at: 'condition' });
}
