// Writes what is generated and committed: the wire types and the route table from openapi.yaml. `npm run generate`.
// `--check` writes nothing and fails when a file would change.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const header = '// Generated from openapi.yaml by scripts/generate.ts. Do not edit.\n';
const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<(typeof methods)[number], OpenApiOperation>>>>>;
}

interface OpenApiOperation {
  readonly operationId: string;
}

/** Every generated file: path below the root -> contents. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const contract = join(root, 'openapi.yaml');
  const types = astToString(await openapiTS(pathToFileURL(contract), { defaultNonNullable: false }));
  const document = parse(readFileSync(contract, 'utf8')) as OpenApiDocument;
  return new Map([
    ['src/api/schema.gen.ts', header + types],
    ['src/api/routes.gen.ts', header + routeTable(document)],
  ]);
}

function routeTable(document: OpenApiDocument): string {
  const rows = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation === undefined
        ? []
        : [`  ${operation.operationId}: { method: '${method.toUpperCase()}', path: '${path}' },`];
    }),
  );
  return [
    "import type { operations } from './schema.gen.ts';",
    '',
    '/** Method and path template of every operation. */',
    'export const routes = {',
    ...rows,
    '} as const satisfies Record<keyof operations, { readonly method: string; readonly path: string }>;',
    '',
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
      writeFileSync(target, contents);
      process.stdout.write(`wrote ${path}\n`);
    }
  }
}
