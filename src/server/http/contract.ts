// openapi.yaml at run time: what each operation takes and answers, compiled to validators. Requests and responses both pass.
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { routes, type OperationId } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { describeFormat, describePattern } from '../config/patterns.table.ts';
import { ServerError } from '../errors.ts';
import { contract } from './contract.gen.ts';
import { createValidator, schemaUri, type Schema } from './validator.ts';

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface OperationObject {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface ContractDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What one operation takes and answers. */
export interface OperationContract {
  readonly operation: OperationId;
  /** Media types of the request body; empty when there is none. */
  readonly consumes: readonly string[];
  /** Media types of the successful answer, the preferred one first. */
  readonly produces: readonly string[];
  /** Checks values of the path or the query and converts them, in place.
   * @throws ServerError REQUEST_INVALID */
  checkParameters(place: 'path' | 'query', values: Record<string, unknown>): void;
  /** Checks the body and fills in defaults, in place.
   * @throws ServerError REQUEST_INVALID */
  checkBody(body: unknown): void;
  /** What is wrong with an answer in JSON; undefined when it fits. */
  findResponseMistake(status: number, body: unknown): string | undefined;
}

export type Contract = Readonly<Record<OperationId, OperationContract>>;

/** Validators are compiled when they are first asked: all of them take longer than the rest of a start, and most processes ask few. */
export function loadContract(): Contract {
  const document = contract as ContractDocument;
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => [schemaUri(name), schema] as const,
  );
  const ajv = createValidator(schemas, {});
  const coercing = createValidator(schemas, { coerceTypes: true });
  const entries = Object.entries(routes).map(([name, { method, path }]) => {
    const item = document.paths[path] ?? {};
    const operation = resolve(document, item[method.toLowerCase()]) as OperationObject | undefined;
    if (operation?.operationId !== name)
      throw new TypeError(`contract.gen.ts and routes.gen.ts disagree about ${name}`);
    const shared = (item['parameters'] ?? []) as readonly unknown[];
    const parameters = [...shared, ...(operation.parameters ?? [])].map((one) => resolve(document, one) as Parameter);
    return [name, compileOperation(operation, { parameters, document, ajv, coercing })] as const;
  });
  return Object.fromEntries(entries) as Contract;
}

type Check = () => ValidateFunction;

interface Compilation {
  readonly parameters: readonly Parameter[];
  readonly document: ContractDocument;
  readonly ajv: Ajv2020;
  readonly coercing: Ajv2020;
}

function compileOperation(operation: OperationObject, compilation: Compilation): OperationContract {
  const { ajv, coercing, parameters, document } = compilation;
  const consumed = operation.requestBody?.content ?? {};
  const bodySchema = consumed['application/json']?.schema;
  const checkBody = bodySchema && compiledLater(ajv, bodySchema);
  const checks = {
    path: parameterCheck('path', parameters, coercing),
    query: parameterCheck('query', parameters, coercing),
  };
  const answers = new Map<string, Check>();
  let produces: readonly string[] = [];
  for (const [status, reference] of Object.entries(operation.responses)) {
    const { content = {} } = resolve(document, reference) as { readonly content?: Content };
    // The higher status leads: what was created is the answer, and lines about its making are there for who asks for them.
    if (status.startsWith('2')) produces = [...Object.keys(content), ...produces];
    const schema = (content['application/json'] ?? content['application/problem+json'])?.schema;
    if (schema !== undefined) answers.set(status, compiledLater(ajv, schema));
  }
  return {
    operation: operation.operationId as OperationId,
    consumes: Object.keys(consumed),
    produces,
    checkParameters: (place, values) => {
      const check = checks[place]();
      const texts = Object.entries(values);
      if (!check(values)) throw invalid(check.errors, place);
      checkNumbers(place, texts, values);
    },
    checkBody: (body) => {
      const check = checkBody?.();
      if (check !== undefined && !check(body)) throw invalid(check.errors, 'body');
    },
    findResponseMistake: (status, body) => {
      const check = (answers.get(String(status)) ?? answers.get('default'))?.();
      if (check === undefined) return `status ${status} is not in the contract`;
      return check(body) ? undefined : describe(check.errors?.[0]).join(': ');
    },
  };
}

function parameterCheck(place: Parameter['in'], parameters: readonly Parameter[], ajv: Ajv2020): Check {
  const here = parameters.filter((parameter) => parameter.in === place);
  return compiledLater(ajv, {
    type: 'object',
    additionalProperties: false,
    required: here.filter(({ required }) => required === true).map(({ name }) => name),
    properties: Object.fromEntries(here.map(({ name, schema }) => [name, schema])),
  });
}

/** ajv takes `Infinity` and `1e400` for integers within any bounds, and a number in many spellings. Here it has one.
 * @throws ServerError REQUEST_INVALID */
function checkNumbers(
  place: string,
  texts: readonly (readonly [string, unknown])[],
  values: Readonly<Record<string, unknown>>,
): void {
  for (const [name, text] of texts) {
    const value = values[name];
    if (typeof value !== 'number' || (Number.isSafeInteger(value) && String(value) === text)) continue;
    throw new ServerError('REQUEST_INVALID', `${place}.${name}: must be a whole number, in digits`, { at: name });
  }
}

function compiledLater(ajv: Ajv2020, schema: Schema): Check {
  let compiled: ValidateFunction | undefined;
  return () => (compiled ??= ajv.compile(schema));
}

function resolve(document: ContractDocument, value: unknown): unknown {
  const reference = (value as { readonly $ref?: string } | undefined)?.$ref;
  if (reference === undefined) return value;
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Readonly<Record<string, unknown>>)[key], document);
}

function invalid(errors: readonly ErrorObject[] | null | undefined, place: string): ServerError {
  const [at, problem] = describe(errors?.[0]);
  return new ServerError('REQUEST_INVALID', `${place}${at === '' ? '' : `.${at}`}: ${problem}`, {
    at: at === '' ? place : at,
  });
}

/** Where, and what. Property names come from the sender. */
function describe(error: ErrorObject | undefined): readonly [string, string] {
  if (error === undefined) return ['', 'does not fit'];
  const { instancePath, keyword, message } = error;
  const params = error.params as Readonly<Record<string, unknown>>;
  const at = printable(instancePath.slice(1).replaceAll('/', '.'), 256);
  switch (keyword) {
    case 'additionalProperties':
      return [joined(at, printable(String(params['additionalProperty']), 64)), 'is not a known field'];
    case 'required':
      return [joined(at, String(params['missingProperty'])), 'is missing'];
    case 'enum':
      return [at, `must be one of ${String(params['allowedValues'])}`];
    case 'const':
      return [at, `must be ${String(params['allowedValue'])}`];
    case 'pattern':
      return [
        error.propertyName === undefined ? at : joined(at, printable(error.propertyName, 64)),
        describePattern(String(params['pattern'])),
      ];
    case 'format':
      return [at, describeFormat(String(params['format']))];
    default:
      return [at, boundInWords(message ?? keyword)];
  }
}

/** `must NOT have fewer than 1 characters` is how a checker speaks. */
function boundInWords(message: string): string {
  return message
    .replace(/^must NOT have fewer than 1 characters$/, 'must not be empty')
    .replace(/^must NOT have fewer than /, 'must have at least ')
    .replace(/^must NOT have more than /, 'must have at most ');
}

function joined(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}
