// What a condition may not say, though it is good CEL: what costs more than reading its facts once, and what would silently
// never hold, or always, because a name or a word is misspelt. Each flaw has its place in the text.
import type { ASTNode } from '@marcbachmann/cel-js';
import { joinParameter, splitParameter } from '../../event-log/index.ts';
import type { ConditionFact, ConditionFacts } from './condition-facts.table.ts';
import { nearestName } from './nearest-name.ts';

export interface ConditionFlaw {
  readonly reason: string;
  /** What to write instead. */
  readonly remedy: string;
  /** Index of the first letter concerned. */
  readonly start: number;
}

const macros: readonly string[] = ['all', 'exists', 'exists_one', 'filter', 'map'];
const functions: readonly string[] = [...macros, 'size', 'contains', 'startsWith', 'endsWith', 'versionAtLeast'];

interface Scope {
  readonly facts: ConditionFacts;
  /** It stands in the macro of this name: in what the macro goes over, or in its body. */
  readonly macro?: string;
  /** In the body of a macro: its variable. */
  readonly variable?: string;
  /** In the body of a macro that goes over the kernel command line. */
  readonly overCommandLine?: boolean;
}

/** In the order of the text, as far as flaws of one part hide no others. */
export function findFlaws(node: ASTNode, scope: Scope): readonly ConditionFlaw[] {
  return [
    ...flawsOfNode(node, scope),
    ...scopedChildren(node, scope).flatMap(([child, inner]) => findFlaws(child, inner)),
  ];
}

/** The facts that an expression without flaws reads. */
export function factsRead(node: ASTNode, facts: ConditionFacts): readonly string[] {
  const own = node.op === 'id' && Object.hasOwn(facts, node.args) ? [node.args] : [];
  return [...own, ...childrenOf(node.args).flatMap((child) => factsRead(child, facts))];
}

function flawsOfNode(node: ASTNode, scope: Scope): readonly ConditionFlaw[] {
  switch (node.op) {
    case 'call':
    case 'rcall':
      return flawsOfCall(node, node.args[0], scope);
    case 'id':
      return flawsOfName(node, node.args, scope);
    case '[]':
      return flawsOfKey(node, node.args[0], textOf(node.args[1]), scope);
    case '.':
      return flawsOfKey(node, node.args[0], node.args[1], scope);
    case 'in':
      return [
        ...flawsOfKey(node, node.args[1], textOf(node.args[0]), scope),
        ...flawsOfSides(node.op, node.args, scope),
      ];
    case '==':
    case '!=':
      return flawsOfSides(node.op, node.args, scope);
    case 'value':
      return flawsOfNumber(node, node.args);
    default:
      return [];
  }
}

/** Only functions whose cost is that of reading their operands once; a macro in a macro multiplies. */
function flawsOfCall(node: ASTNode, name: string, { facts, macro, overCommandLine }: Scope): readonly ConditionFlaw[] {
  if (!functions.includes(name)) {
    return name === 'matches'
      ? flaw(node, `the function ${name} is not available: a regular expression can take minutes`, withoutPatterns)
      : flaw(node, `the function ${name} is not available, ${functions.join(', ')} are`, withKnownFunctions);
  }
  const operands = node.op === 'rcall' ? node.args[2] : [];
  if (macros.includes(name)) {
    if (macro !== undefined) return flaw(node, `the macro ${name} stands inside the macro ${macro}`, withoutNesting);
    const [variable] = operands;
    if (variable?.op === 'id' && Object.hasOwn(facts, variable.args)) {
      return flaw(
        variable,
        `${variable.args} is the name of a fact, so no variable can be called so`,
        `Call the variable otherwise, such as x.`,
      );
    }
  }
  const isExact = name === 'startsWith' || name === 'contains';
  return isExact && overCommandLine === true ? operands.flatMap(flawsOfHyphen) : [];
}

function flawsOfName(node: ASTNode, name: string, { facts, variable }: Scope): readonly ConditionFlaw[] {
  if (name === variable) return [];
  const fact = factOf(facts, name);
  if (fact === undefined) {
    const meant = nearestName(name, Object.keys(facts));
    return meant === undefined
      ? flaw(node, `there is no fact ${name}`, 'Use a fact that docs/policy.md lists under conditions.')
      : flaw(
          node,
          `there is no fact ${name}; is ${meant} meant?`,
          `Write ${meant}, or a fact that docs/policy.md lists.`,
        );
  }
  const isLong = fact.type === 'list<string>' || fact.type === 'map<string, list<string>>';
  return isLong && variable !== undefined
    ? flaw(
        node,
        `${name} is read once for each ${variable}: read it outside`,
        `Put what is asked of ${name} before the macro, joined by &&.`,
      )
    : [];
}

/** Of facts that have certain keys only. */
function flawsOfKey(node: ASTNode, map: ASTNode, key: string | undefined, { facts }: Scope): readonly ConditionFlaw[] {
  const keys = map.op === 'id' ? factOf(facts, map.args)?.keys : undefined;
  return map.op !== 'id' || keys === undefined || key === undefined ? [] : flawsOfWord(node, key, keys, map.args);
}

/** An integer of CEL has 64 bits; the package computes with longer ones, and no fact ever reaches them. */
function flawsOfNumber(node: ASTNode, value: unknown): readonly ConditionFlaw[] {
  return typeof value === 'bigint' && value !== BigInt.asIntN(64, value)
    ? flaw(
        node,
        `${value} does not fit into 64 bits`,
        `Write a whole number from ${-(2n ** 63n)} to ${2n ** 63n - 1n}.`,
      )
    : [];
}

type Sides = readonly [ASTNode, ASTNode];

function flawsOfSides(op: string, sides: Sides, scope: Scope): readonly ConditionFlaw[] {
  return [...flawsOfWords(sides, scope), ...flawsOfHyphens(op, sides, scope)];
}

/** Of facts that are certain words only: compared with another, the answer is known before. */
function flawsOfWords([left, right]: Sides, { facts }: Scope): readonly ConditionFlaw[] {
  return ([left, right] as const).flatMap((side) => {
    const [name, words] = wordsOf(side, facts);
    const other = side === left ? right : left;
    return (other.op === 'list' ? other.args : [other]).flatMap((literal) => {
      const word = textOf(literal);
      return word === undefined || words === undefined ? [] : flawsOfWord(literal, word, words, name);
    });
  });
}

/** Name of the fact that a text is, or is a member of, and the words it can be. */
function wordsOf(node: ASTNode, facts: ConditionFacts): readonly [name: string, words?: readonly string[]] {
  const isMember = node.op === '[]' || node.op === '.';
  const source = isMember ? node.args[0] : node;
  if (source.op !== 'id') return [''];
  const { type, words } = factOf(facts, source.args) ?? {};
  return words !== undefined && isMember === (type !== 'string') ? [source.args, words] : [source.args];
}

function flawsOfWord(node: ASTNode, word: string, known: readonly string[], name: string): readonly ConditionFlaw[] {
  if (known.includes(word)) return [];
  const meant = nearestName(word, known);
  const instead =
    meant === undefined
      ? known.length > 8
        ? 'see docs/policy.md'
        : `only ${known.join(', ')}`
      : `is "${meant}" meant?`;
  const remedy = meant === undefined ? `Write what ${name} can be: ${instead}.` : `Write "${meant}".`;
  return flaw(node, `${name} has no "${word}"; ${instead}`, remedy);
}

/** The list of words holds names as the kernel reads them. */
function flawsOfHyphens(op: string, [left, right]: Sides, scope: Scope): readonly ConditionFlaw[] {
  const isWord =
    scope.overCommandLine === true || (op === 'in' && right.op === 'id' && right.args === 'kernelCommandLine');
  return isWord
    ? [left, right].flatMap((side) => (side.op === 'list' ? side.args : [side])).flatMap(flawsOfHyphen)
    : [];
}

function flawsOfHyphen(node: ASTNode): readonly ConditionFlaw[] {
  const word = textOf(node);
  const read = word === undefined ? undefined : joinParameter(splitParameter(word));
  return read === word
    ? []
    : flaw(node, `"${word ?? ''}" is never found: the kernel reads it as "${read ?? ''}"`, `Write "${read ?? ''}".`);
}

function scopedChildren(node: ASTNode, scope: Scope): readonly (readonly [ASTNode, Scope])[] {
  if (node.op !== 'rcall' || !macros.includes(node.args[0]))
    return childrenOf(node.args).map((child) => [child, scope]);
  const [macro, over, [variable, ...body]] = node.args;
  const overCommandLine = over.op === 'id' && over.args === 'kernelCommandLine';
  const inner = { ...scope, macro };
  const inBody = { ...inner, overCommandLine, ...(variable?.op === 'id' ? { variable: variable.args } : {}) };
  return [[over, inner], ...body.map((part) => [part, inBody] as const)];
}

function childrenOf(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : [];
}

function factOf(facts: ConditionFacts, name: string): ConditionFact | undefined {
  return Object.hasOwn(facts, name) ? facts[name] : undefined;
}

function textOf(node: ASTNode): string | undefined {
  return node.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}

const withoutPatterns = 'Compare with ==, in, startsWith, endsWith, contains or versionAtLeast instead.';
const withKnownFunctions = 'Use one of the functions that the message names.';
const withoutNesting = 'Write a condition of its own for the inner macro: all conditions of a policy must hold.';

function flaw(node: ASTNode, reason: string, remedy: string): readonly ConditionFlaw[] {
  return [{ reason, remedy, start: node.start }];
}
