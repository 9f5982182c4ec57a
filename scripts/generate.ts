// Writes what is generated and committed: the demands of policies in openapi.yaml, wire types and routes from openapi.yaml,
// and the documents that tables of the code are the source of. `npm run generate`; with `--check` nothing is written, and it fails when a file would change.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { format } from 'prettier';
import { parse } from 'yaml';
import { agentErrors } from '../src/agent/index.ts';
import { transportErrors } from '../src/api/index.ts';
import { controllerErrors } from '../src/controller/index.ts';
import { cliErrors } from '../src/cli/errors.ts';
import { findings, type FindingRow } from '../src/core/appraisal/findings.table.ts';
import { errorCodes } from '../src/core/error-codes.ts';
import { quirks } from '../src/core/event-log/formats/quirks.table.ts';
import { leniencies } from '../src/core/x509/leniency.ts';
import { reasons, serverErrors } from '../src/server/index.ts';
import { configSchema } from '../src/server/config/config.schema.ts';
import { schemaUri } from '../src/server/http/validator.ts';
import { access, roles } from '../src/server/auth/access.ts';
import { policyDocument, withPolicyDemands } from './fact-documents.ts';
import { eventsDocument } from './event-documents.ts';
import { answerModule } from './answer-shapes.ts';
import { tableOf } from './markdown-table.ts';

const root = join(import.meta.dirname, '..');
const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

interface OpenApiOperation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags: readonly string[];
}

type PathItem = Readonly<Partial<Record<(typeof methods)[number], OpenApiOperation>>>;

interface OpenApiDocument {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: Readonly<Record<string, object>>;
}

interface Route {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}

/** Every generated file: path below the root -> contents. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const written = withPolicyDemands(readFileSync(join(root, 'openapi.yaml'), 'utf8'));
  const contract = await format(written, { parser: 'yaml', printWidth: 120, singleQuote: true });
  const types = astToString(await openapiTS(contract, { defaultNonNullable: false }));
  const document = parse(contract) as OpenApiDocument;
  const routes = routesOf(document);
  const header = '// Generated from openapi.yaml by scripts/generate.ts. Do not edit.\n';
  const markdown = (text: string): Promise<string> =>
    format(text, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve', singleQuote: true });
  return new Map([
    ['openapi.yaml', contract],
    ['src/api/schema.gen.ts', header + types],
    ['src/api/routes.gen.ts', header + routeTable(routes)],
    ['src/api/answers.gen.ts', header + answerModule(document)],
    ['src/server/http/contract.gen.ts', header + contractModule(document)],
    ['docs/errors.md', await markdown(errorsDocument())],
    ['docs/configuration.md', await markdown(configurationDocument())],
    ['docs/api.md', await markdown(apiDocument(document, routes))],
    ['docs/tolerance.md', await markdown(toleranceDocument())],
    ['docs/findings/README.md', await markdown(findingsDocument())],
    ...(await findingPages(markdown)),
    ['docs/policy.md', await markdown(policyDocument())],
    ['docs/events.md', await markdown(eventsDocument())],
  ]);
}

function routesOf(document: OpenApiDocument): readonly Route[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ path, method: method.toUpperCase(), operation }];
    }),
  );
}

function routeTable(routes: readonly Route[]): string {
  return [
    "import type { operations } from './schema.gen.ts';",
    '',
    '/** Method and path template of every operation. */',
    'export const routes = {',
    ...routes.map(
      ({ path, method, operation }) => `  ${operation.operationId}: { method: '${method}', path: '${path}' },`,
    ),
    '} as const satisfies Record<keyof operations, { readonly method: string; readonly path: string }>;',
    '',
  ].join('\n');
}

/** What the server checks requests and answers by, one line for each path and each component: to read YAML takes a start a hundred
 * times as long. */
function contractModule({ paths, components }: OpenApiDocument): string {
  const named = (key: string, value: unknown): unknown =>
    key === '$ref' && typeof value === 'string' ? value.replace('#/components/schemas/', schemaUri('')) : value;
  const member = ([name, value]: readonly [string, unknown]): string =>
    `${JSON.stringify(name)}: ${JSON.stringify(value, named)},`;
  return [
    '/** Paths and components of openapi.yaml. References to schemas are the names under which these are registered. */',
    'export const contract: unknown = {',
    '  paths: {',
    ...Object.entries(paths).map((entry) => `    ${member(entry)}`),
    '  },',
    '  components: {',
    ...Object.entries(components).flatMap(([kind, members]) => [
      `    ${kind}: {`,
      ...Object.entries(members).map((entry) => `      ${member(entry)}`),
      '    },',
    ]),
    '  },',
    '};',
    '',
  ].join('\n');
}

interface DocumentedRow {
  readonly cause: string;
  readonly remedy: string;
  readonly title?: string;
  readonly status?: number;
}

/** One heading for each code, so that a problem's `type` can lead to it. */
function section(title: string, about: string, table: Readonly<Record<string, DocumentedRow>>): string[] {
  const rows = Object.entries(table).flatMap(([code, { cause, remedy, title: name, status }]) => [
    `### ${code}`,
    '',
    ...(name === undefined ? [] : [`${name}${status === undefined ? '' : ` (${status})`}`, '']),
    `- cause: ${cause}`,
    `- remedy: ${remedy}`,
    '',
  ]);
  return [`## ${title}`, '', about, '', ...rows];
}

/** Everything that has a code. */
export const documentedTables = {
  serverErrors,
  findings,
  reasons,
  errorCodes,
  transportErrors,
  agentErrors,
  controllerErrors,
  cliErrors,
};

function errorsDocument(): string {
  return [
    '<!-- Generated by scripts/generate.ts from the tables in the code. Do not edit. -->',
    '',
    '# Errors',
    '',
    'Every code with its cause and what to do. Codes are stable: never renamed, never used again for something else.',
    'A problem document (RFC 9457) carries one in `code`; its `type` ends in the same words. What an appraisal finds has',
    '[a page for each finding](findings/README.md).',
    '',
    'Here: [the server](#the-server) · [reasons](#reasons) of admission · [proofs and parsers](#proofs-and-parsers) ·',
    '[the client](#the-client) · [the agent](#the-agent) · [controllers](#controllers) · [the command line](#the-command-line)',
    '',
    ...section('The server', 'The number is the HTTP status; for what stops a start it is not sent.', serverErrors),
    ...section('Reasons', 'Why admission denies, or why a verdict does not hold.', reasons),
    ...section(
      'Proofs and parsers',
      'What the core refuses: as a finding in a verdict, or as a problem with status 400 (malformed) or 422 (not proved).',
      errorCodes,
    ),
    ...section('The client', 'When no usable answer of the server arrived.', transportErrors),
    ...section('The agent', 'What can go wrong on the host.', agentErrors),
    ...section(
      'Controllers',
      'What can go wrong between a controller and the platform that it keeps in step.',
      controllerErrors,
    ),
    ...section(
      'The command line',
      'Failures of the CLI itself. Codes from elsewhere are passed on as they are.',
      cliErrors,
    ),
  ].join('\n');
}

/** What people write about a finding stands below this line of its page, and stays. */
const byHand = '<!-- written by hand below -->';

/** One page for each finding: its row of the table above the line, whatever was written below it. */
async function findingPages(
  markdown: (text: string) => Promise<string>,
): Promise<readonly (readonly [string, string])[]> {
  const pages = Object.entries<FindingRow>(findings).map(async ([code, row]) => {
    const path = `docs/findings/${code}.md`;
    const target = join(root, path);
    const [, written = ''] = existsSync(target) ? readFileSync(target, 'utf8').split(byHand) : [];
    return [path, await markdown(`${findingHead(code, row)}\n\n${byHand}\n${written}`)] as const;
  });
  return Promise.all(pages);
}

const effects = {
  error: 'The host is denied.',
  warning: 'The status of the verdict is lowered to `warning`; whoever accepts warnings still places workloads there.',
  info: 'Nothing: it is said, and the verdict stays as good as it is.',
} as const;

function findingHead(code: string, { title, cause, remedy, severity, claim, value }: FindingRow): string {
  const bearing = claim === undefined ? '' : ` The AR4SI claim \`${claim}\` becomes ${value ?? 0} at best.`;
  return [
    '<!-- Generated by scripts/generate.ts from src/core/appraisal/findings.table.ts, down to the line below. -->',
    '',
    `# ${code}`,
    '',
    `${title}.`,
    '',
    `- **What it does**: ${effects[severity]}${bearing}`,
    `- **Cause**: ${cause}`,
    `- **Remedy**: ${remedy}`,
  ].join('\n');
}

function findingsDocument(): string {
  return [
    '<!-- Generated by scripts/generate.ts from src/core/appraisal/findings.table.ts. Do not edit. -->',
    '',
    '# Findings',
    '',
    'What an appraisal can find, one page each, in the order in which it looks. An error denies, a warning lowers the status,',
    'information does neither. `touchstone host explain HOST` names the ones of a host. A proof that failed outright is found',
    'under its own code: see [errors](../errors.md).',
    '',
    ...tableOf(
      ['finding', 'severity', ''],
      Object.entries<FindingRow>(findings).map(([code, { severity, title }]) => [
        `[${code}](${code}.md)`,
        severity,
        title,
      ]),
    ),
    '',
  ].join('\n');
}

interface SettingSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  readonly items?: SettingSchema;
}

/** What a verdict calls by its id when it was read in spite of a specification. */
function toleranceDocument(): string {
  return [
    '<!-- Generated by scripts/generate.ts from quirks.table.ts and leniency.ts. Do not edit. -->',
    '',
    '# What is tolerated',
    '',
    'Real firmware and real TPM makers depart from their specifications. Each departure that is tolerated has a name, and is named',
    'wherever it was applied: quirks in verdicts (finding `LOG_QUIRK`) and by `touchstone inspect event-log`, leniencies by',
    '`touchstone verify certificate`. What is not listed here is refused.',
    '',
    '## Quirks of boot logs',
    '',
    ...Object.entries(quirks).flatMap(([id, { what, seen, mayChange, mustNeverChange }]) => [
      `### ${id}`,
      '',
      what,
      '',
      `- seen: ${seen}`,
      `- may change: ${mayChange}`,
      `- never changes: ${mustNeverChange}`,
      '',
    ]),
    '## Leniencies of certificates',
    '',
    ...tableOf(
      ['name', 'what is accepted'],
      Object.entries(leniencies).map(([id, what]) => [`\`${id}\``, what]),
    ),
    '',
  ].join('\n');
}

function configurationDocument(): string {
  return [
    '<!-- Generated by scripts/generate.ts from src/server/config/config.schema.ts. Do not edit. -->',
    '',
    '# Configuration',
    '',
    '`touchstone.yaml` in the data directory. `touchstone server init` writes it. Unknown settings are refused, and all',
    'mistakes are reported at once. Secrets stand in files of their own, of mode 0600. `[]` is each item of a list.',
    '',
    ...tableOf(['setting', 'values', 'default', 'meaning'], settingRows('', configSchema.properties)),
    '',
  ].join('\n');
}

function settingRows(prefix: string, properties: Readonly<Record<string, SettingSchema>>): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const initial =
      schema.properties === undefined && 'default' in schema ? `\`${JSON.stringify(schema.default)}\`` : '';
    const row = [`\`${prefix}${name}\``, valuesOf(schema), initial, schema.description ?? ''];
    const below = settingRows(`${prefix}${name}.`, schema.properties ?? {});
    return [row, ...below, ...settingRows(`${prefix}${name}[].`, schema.items?.properties ?? {})];
  });
}

function valuesOf({ type, enum: choices, minimum, maximum, properties }: SettingSchema): string {
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (properties !== undefined) return '';
  return minimum === undefined ? (type ?? '') : `${minimum} to ${maximum ?? ''}`;
}

function apiDocument({ tags }: OpenApiDocument, routes: readonly Route[]): string {
  const rowOf = ({ path, method, operation }: Route): string[] => {
    const row: Readonly<Record<string, string>> = access[operation.operationId as keyof typeof access];
    const cells = roles.map((role) => (row['anonymous'] === 'any' ? 'any' : (row[role] ?? '')));
    return [`\`${method} ${path}\``, operation.summary ?? '', ...cells];
  };
  return [
    '<!-- Generated by scripts/generate.ts from openapi.yaml and src/server/auth/access.ts. Do not edit. -->',
    '',
    '# The API and who may call it',
    '',
    '`openapi.yaml` is the contract; requests and responses are validated against it. An empty cell is a refusal; `own` is',
    'only for the host itself. Callers show a bearer token or a client certificate that `touchstone.yaml` lists; a host adds',
    'the header `touchstone-proof`, by which its TPM vouches for each request ([why](decisions/0007-every-request-of-a-host-is-proved.md)).',
    '',
    ...tags.flatMap(({ name, description }) => [
      `## ${name}`,
      '',
      description,
      '',
      ...tableOf(
        ['operation', '', ...roles],
        routes.filter(({ operation }) => operation.tags.includes(name)).map(rowOf),
      ),
      '',
    ]),
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const checking = process.argv.includes('--check');
  for (const [path, contents] of await generatedFiles()) {
    const target = join(root, path);
    if (existsSync(target) && readFileSync(target, 'utf8') === contents) continue;
    if (checking) {
      process.stderr.write(`${path} is out of date: run npm run generate\n`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, contents);
      process.stdout.write(`wrote ${path}\n`);
    }
  }
}
