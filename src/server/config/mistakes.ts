// Validation of a configuration against its schema, with every mistake in words.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { printable } from '../../core/encoding/index.ts';
import { configSchema } from './config.schema.ts';
import { describePattern } from './patterns.table.ts';

let compiled: ValidateFunction | undefined;

/** Fills in defaults in `settings` and returns what is wrong with them, one line each. */
export function findMistakes(settings: unknown): string[] {
  const validate = (compiled ??= compileSchema());
  return validate(settings) ? [] : (validate.errors ?? []).map(describe);
}

/** Each process that reads a configuration compiles this, for one question. So its code is not made shorter first, which takes longer
 * than to run it once as it is; and that the schema is a schema is held by a test. Together half of what it took. */
function compileSchema(): ValidateFunction {
  const strictness = { allErrors: true, strict: true, strictRequired: false, validateSchema: false };
  return new Ajv2020({ ...strictness, useDefaults: true, code: { optimize: false } }).compile(configSchema);
}

function describe({ instancePath, keyword, params, message }: ErrorObject): string {
  const where = instancePath === '' ? 'touchstone.yaml' : instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'additionalProperties') {
    return `${where}: unknown setting "${printable(String((params as Record<string, unknown>)['additionalProperty']), 64)}"`;
  }
  if (keyword === 'enum') {
    return `${where}: ${message ?? ''}: ${String((params as Record<string, unknown>)['allowedValues'])}`;
  }
  if (keyword === 'pattern')
    return `${where}: ${describePattern(String((params as Record<string, unknown>)['pattern']))}`;
  return `${where}: ${message ?? keyword}`;
}
