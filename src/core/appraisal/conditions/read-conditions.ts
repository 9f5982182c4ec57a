// The conditions of a policy document. Each says what it is for and what to do where it is not met: a refused host shows both.
import type { Field } from '../../encoding/index.ts';
import { maximumExpression, parseCondition, type Condition } from './condition.ts';
import { textOf, type DemandSchema } from '../demands/demand-schema.ts';

export interface PolicyCondition {
  readonly name: string;
  readonly condition: Condition;
  readonly description: string;
  readonly remedy: string;
}

const maximumConditions = 16;
const maximumText = 512;
const namePattern = '^[a-z0-9][a-z0-9.-]{0,62}$';

/** What `readConditions` takes, as far as a schema can say it: the API's contract is generated from it. */
export const conditionsSchema = {
  type: 'array',
  minItems: 1,
  maxItems: maximumConditions,
  uniqueItems: true,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'expression', 'description', 'remedy'],
    properties: {
      name: textOf(63, namePattern),
      expression: textOf(maximumExpression, '^(?:[^\\p{C}]|\\r?\\n)+$'),
      description: textOf(maximumText),
      remedy: textOf(maximumText),
    },
  },
} as const satisfies DemandSchema;

/** @throws MalformedError APPRAISAL_POLICY_INVALID, APPRAISAL_CONDITION_INVALID */
export function readConditions(field: Field): readonly PolicyCondition[] {
  const conditions = field.array(maximumConditions).map(readCondition);
  if (conditions.length === 0) field.fail('at least one condition', 'has none');
  if (new Set(conditions.map(({ name }) => name)).size !== conditions.length)
    field.fail('each name once', 'repeats one');
  return conditions;
}

function readCondition(field: Field): PolicyCondition {
  const { name, expression, description, remedy } = field.object('name', 'expression', 'description', 'remedy');
  return {
    name: readName(name),
    condition: parseCondition(expression.lines(maximumExpression), expression.path),
    description: description.text(maximumText),
    remedy: remedy.text(maximumText),
  };
}

function readName(field: Field): string {
  const name = field.text(63);
  return new RegExp(namePattern).test(name) ? name : field.fail('lower-case letters, digits, "." and "-"');
}
