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

function compileSchema(): ValidateFunction {
  return new Ajv2020({ allErrors: true, useDefaults: true, strict: true, strictRequired: false }).compile(configSchema);
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
