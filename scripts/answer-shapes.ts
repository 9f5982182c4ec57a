// The forms of answers for the client, out of openapi.yaml: which members there must be, and of which type. What values they have is
// left out: a newer server may say what this client does not know.

type Schema = Readonly<Record<string, unknown>>;

interface Document {
  readonly paths: object;
  readonly components: object;
}

const json = 'application/json';
const lines = 'application/x-ndjson';

/** The module with what `checkShape` reads. */
export function answerModule(document: Document): string {
  const used = new Set<string>();
  const operations = Object.values(document.paths as Record<string, Record<string, Schema>>).flatMap((item) =>
    Object.values(item).filter((operation) => typeof operation['operationId'] === 'string'),
  );
  const answers = operations.map((operation) => {
    const row = answersOf(document, operation['responses'] as Record<string, Schema>, used);
    return `  ${String(operation['operationId'])}: ${JSON.stringify(row)},`;
  });
  const schemas = (document.components as Record<string, Record<string, Schema>>)['schemas'] ?? {};
  const shapes: string[] = [];
  // Those that are found on the way come behind.
  for (const name of used) shapes.push(`  ${name}: ${JSON.stringify(shapeOf(schemas[name] ?? {}, used))},`);
  return [
    "import type { AnswerShapes, Shape } from './check-shape.ts';",
    "import type { operations } from './schema.gen.ts';",
    '',
    '/** Of every operation: what its good answers hold. */',
    'export const answerShapes: Readonly<Record<keyof operations, AnswerShapes>> = {',
    ...answers,
    '};',
    '',
    '/** Those with a name. */',
    'export const namedShapes: Readonly<Record<string, Shape>> = {',
    ...shapes,
    '};',
    '',
  ].join('\n');
}

/** With the status that comes with each: one operation answers 200 in lines and 201 in one document. */
function answersOf(document: Document, responses: Readonly<Record<string, Schema>>, used: Set<string>): Schema {
  const row: Record<string, unknown> = {};
  for (const [status, response] of Object.entries(responses)) {
    if (!status.startsWith('2')) continue;
    const content = (resolve(document, response)['content'] ?? {}) as Record<string, Schema>;
    const found = content[json]?.['schema'] as Schema | undefined;
    if (Object.keys(content).length === 0) row['empty'] = Number(status);
    if (found !== undefined) row['json'] = { status: Number(status), shape: shapeOf(found, used) };
    const line = content[lines]?.['schema'] as Schema | undefined;
    if (line !== undefined) row['line'] = { status: Number(status), shape: shapeOf(line, used) };
  }
  return row;
}

function resolve(document: Document, value: Schema): Schema {
  const reference = value['$ref'];
  if (typeof reference !== 'string') return value;
  return reference
    .split('/')
    .slice(1)
    .reduce((from, name) => from[name] as Schema, document as unknown as Schema);
}

function shapeOf(schema: Schema, used: Set<string>): unknown {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = reference.replace('#/components/schemas/', '');
    used.add(name);
    return `#${name}`;
  }
  const all = (schema['allOf'] ?? []) as Schema[];
  const any = (schema['oneOf'] ?? schema['anyOf'] ?? []) as Schema[];
  const own = ownShape(schema, used);
  const parts = [...(own === 'any' ? [] : [own]), ...all.map((part) => shapeOf(part, used))];
  if (any.length > 0) parts.push({ one: any.map((part) => shapeOf(part, used)) });
  return parts.length === 1 ? parts[0] : parts.length === 0 ? 'any' : { all: parts };
}

function ownShape(schema: Schema, used: Set<string>): unknown {
  const types = [schema['type'] ?? []].flat() as string[];
  if (types.length > 1) return { one: types.map((type) => ownShape({ ...schema, type }, used)) };
  switch (types[0] ?? (schema['required'] === undefined ? undefined : 'object')) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return [shapeOf((schema['items'] ?? {}) as Schema, used)];
    case 'object':
      return membersOf(schema, used);
    default:
      return 'any';
  }
}

function membersOf(schema: Schema, used: Set<string>): unknown {
  const required = (schema['required'] ?? []) as string[];
  const members = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>).map(
    ([name, member]) => [required.includes(name) ? name : `${name}?`, shapeOf(member, used)] as const,
  );
  const further = schema['additionalProperties'];
  const others = typeof further === 'object' && further !== null ? { others: shapeOf(further as Schema, used) } : {};
  return { members: Object.fromEntries(members), ...others };
}
