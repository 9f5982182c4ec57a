// The checker of JSON schemas, and what it does in another way than it would by itself.
import { Ajv2020, str, type KeywordErrorDefinition } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { endOfWholeBase64, isBase64 } from '../../core/encoding/index.ts';

export type Schema = Readonly<Record<string, unknown>>;

/** The name under which a schema of the contract is registered. */
export function schemaUri(name: string): string {
  return `touchstone:/schemas/${name}`;
}

/** That `schemas` are schemas is held by a test of the contract: here it would take each start a fifth of a second. */
export function createValidator(
  schemas: Iterable<readonly [uri: string, schema: Schema]>,
  options: { readonly coerceTypes?: boolean },
): Ajv2020 {
  const bounds = { strict: true, strictTypes: false, strictRequired: false, useDefaults: true };
  const ajv = new Ajv2020({ ...bounds, ...options, code: { regExp: patternEngine } });
  formats.default(ajv);
  ajv.addKeyword('example');
  // ajv's own takes two `__proto__` for none. Lists with this keyword are of texts and small structures, and bounded.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (isDemanded: boolean, items: readonly unknown[]) =>
      !isDemanded || new Set(items.map((item) => JSON.stringify(item))).size === items.length,
  });
  // ajv's own count the characters of every text. None has more of them than it is long.
  ajv.removeKeyword('maxLength');
  ajv.addKeyword({
    keyword: 'maxLength',
    before: 'pattern',
    type: 'string',
    schemaType: 'number',
    error: tooLong,
    validate: (most: number, text: string) => text.length <= most || text.replace(pairs, '.').length <= most,
  });
  ajv.removeKeyword('minLength');
  ajv.addKeyword({
    keyword: 'minLength',
    before: 'pattern',
    type: 'string',
    schemaType: 'number',
    error: tooShort,
    // No more than half of its units are second halves of a character.
    validate: (least: number, text: string) => text.length >= 2 * least || text.replace(pairs, '.').length >= least,
  });
  for (const [uri, schema] of schemas) ajv.addSchema(schema, uri, false, false);
  return ajv;
}

/** Two units, one character. */
const pairs = /[\ud800-\udbff][\udc00-\udfff]/g;

const tooLong: KeywordErrorDefinition = {
  message: ({ schemaCode }) => str`must NOT have more than ${schemaCode} characters`,
};

const tooShort: KeywordErrorDefinition = {
  message: ({ schemaCode }) => str`must NOT have fewer than ${schemaCode} characters`,
};

/** Of a log, which a pattern reads character by character: base64 that is right need not be. */
const patternOfLogs = '^[A-Za-z0-9+/]*={0,2}$';

function createPattern(source: string, flags: string): { readonly test: (text: string) => boolean } {
  const pattern = new RegExp(source, flags);
  if (source !== patternOfLogs) return pattern;
  // Of one that is wrong at its end the pattern reads no more than that end.
  const test = (text: string): boolean => isBase64(text) || pattern.test(text.slice(endOfWholeBase64(text)));
  return { test, toString: () => String(pattern) } as { readonly test: typeof test };
}

const patternEngine = Object.assign(createPattern, { code: 'new RegExp' });
