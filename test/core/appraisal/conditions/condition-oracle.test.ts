// Two implementations of CEL answer alike: what our conditions mean is what the language says, not what one package does.
import assert from 'node:assert/strict';
import { isCelError, run, type CelInput } from '@bufbuild/cel';
import fc from 'fast-check';
import type { ConditionValue } from '../../../../src/core/appraisal/conditions/condition-facts.table.ts';
import { parseCondition, type Condition } from '../../../../src/core/appraisal/conditions/condition.ts';
import { AttestationError } from '../../../../src/core/error.ts';

type Answer = boolean | 'failed';

function ours({ evaluate }: Condition, values: Readonly<Record<string, ConditionValue>>): Answer {
  try {
    return evaluate(values) === true;
  } catch {
    return 'failed';
  }
}

function theirs(expression: string, values: Readonly<Record<string, ConditionValue>>): Answer {
  const answer = run(expression, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inputOf(value)]))); // prettier-ignore
  return isCelError(answer) ? 'failed' : answer === true;
}

function inputOf(value: ConditionValue): CelInput {
  if (typeof value === 'string' || typeof value === 'bigint') return value;
  if (Array.isArray(value)) return [...(value as readonly string[])];
  return new Map(Object.entries(value).map(([key, member]) => [key, inputOf(member)]));
}

const words = ['', 'a', 'b', 'ab', 'é', '😀', 'quiet', 'x=1'];
const word = fc.constantFrom(...words);
const number = fc.oneof(fc.integer({ min: -3, max: 3 }).map(BigInt), fc.constantFrom(2n ** 63n - 1n, 2025021800n));
const list = fc.array(word, { maxLength: 4 });
const keys = fc.constantFrom('a', 'b', 'shim', 'grub');

/** Values that no boot need have: only their types matter here. */
const values = fc.record({
  firmwareVersion: word,
  kernelRelease: word,
  sbatDate: number,
  sbatGenerations: fc.dictionary(keys, number, { maxKeys: 3 }),
  dbx: list,
  kernelCommandLine: list,
  initArguments: list,
}) as fc.Arbitrary<Readonly<Record<string, ConditionValue>>>;

const text = fc.oneof(fc.constantFrom('firmwareVersion', 'kernelRelease'), word.map((one) => JSON.stringify(one)), fc.tuple(fc.constantFrom('dbx', 'initArguments'), fc.integer({ min: -1, max: 4 })).map(([name, index]) => `${name}[${index}]`)); // prettier-ignore
const integer = fc.letrec<{ one: string }>((tie) => ({
  one: fc.oneof(
    { depthSize: 'small' },
    fc.constant('sbatDate'),
    number.map((value) => (value < 0n ? `(${value})` : String(value))),
    keys.map((key) => `sbatGenerations["${key}"]`),
    text.map((one) => `size(${one})`),
    fc.constantFrom('dbx.size()', 'size(sbatGenerations)'),
    fc.tuple(tie('one'), fc.constantFrom('+', '-', '*', '/', '%'), tie('one')).map((parts) => `(${parts.join(' ')})`),
  ),
})).one;
const inMacro = fc.oneof(
  word.map((one) => `v == ${JSON.stringify(one)}`),
  word.map((one) => `v.startsWith(${JSON.stringify(one)}) || v > firmwareVersion`),
  integer.map((one) => `size(v) >= ${one}`),
);
const bool = fc.letrec<{ one: string }>((tie) => ({
  one: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(integer, fc.constantFrom('==', '!=', '<', '<=', '>', '>='), integer).map((parts) => parts.join(' ')),
    fc.tuple(text, fc.constantFrom('==', '!=', '<', '>='), text).map((parts) => parts.join(' ')),
    fc.tuple(text, fc.constantFrom('contains', 'startsWith', 'endsWith'), text).map(([left, name, right]) => `${left}.${name}(${right})`), // prettier-ignore
    fc.tuple(text, fc.constantFrom('dbx', 'initArguments', 'sbatGenerations', '["a", "b"]')).map((parts) => parts.join(' in ')), // prettier-ignore
    fc.tuple(fc.constantFrom('dbx', 'initArguments', 'kernelCommandLine'), fc.constantFrom('all', 'exists', 'exists_one'), inMacro).map(([name, macro, body]) => `${name}.${macro}(v, ${body})`), // prettier-ignore
    fc.tuple(fc.constantFrom('all', 'exists'), integer).map(([macro, least]) => `sbatGenerations.${macro}(k, sbatGenerations[k] > ${least})`), // prettier-ignore
    inMacro.map((body) => `dbx.filter(v, ${body}) == initArguments`),
    fc.tuple(tie('one'), fc.constantFrom('&&', '||'), tie('one')).map((parts) => `(${parts.join(' ')})`),
    tie('one').map((one) => `!(${one})`),
    fc.tuple(tie('one'), tie('one'), tie('one')).map(([when, then, other]) => `(${when} ? ${then} : ${other})`),
  ),
})).one;

describe('two implementations of CEL', () => {
  it('answer alike: true, false, or no answer', () => {
    const seen = new Map<Answer, number>();
    fc.assert(
      fc.property(bool, values, (expression, facts) => {
        let condition: Condition;
        try {
          condition = parseCondition(expression, 'expression');
        } catch (error) {
          assert.ok(error instanceof AttestationError, String(error));
          return;
        }
        const answer = ours(condition, facts);
        seen.set(answer, (seen.get(answer) ?? 0) + 1);
        assert.equal(answer, theirs(expression, facts), expression);
      }),
      { numRuns: 1500 },
    );
    for (const answer of [true, false, 'failed'] as const) assert.ok((seen.get(answer) ?? 0) > 50, String(answer));
  }).timeout(60_000);
});
