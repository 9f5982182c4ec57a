// Names that pages set in backticks are there: settings, kinds of events, lines of the log, options, operations, metrics, alerts, scripts and files.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { routes } from '../../src/api/index.ts';
import { configSchema } from '../../src/server/index.ts';
import { migrations } from '../../src/server/storage/sqlite/migrations.ts';
import { documents } from './documented-commands.ts';

const root = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const sources = ['src', 'lab', 'bench', 'scripts', 'test/support'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(join(folder, name))),
);
const code = [...sources, read('openapi.yaml')].join('\n');
const quoted = new Set([...code.matchAll(/'([^'\n]+)'/g)].map(([, text]) => text));
const words = new Set(code.match(/[A-Za-z_]\w*/g));
const options = new Set(code.match(/--[a-z][a-z-]+/g));
const { scripts, dependencies, optionalDependencies } = JSON.parse(read('package.json')) as Readonly<
  Record<'scripts' | 'dependencies' | 'optionalDependencies', Readonly<Record<string, string>>>
>;

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

function isSetting(name: string): boolean {
  const top: Schema = configSchema;
  const inside = (schema: Schema | undefined, part: string): Schema | undefined =>
    (schema?.properties ?? schema?.items?.properties)?.[part];
  return name.split('.').reduce<Schema | undefined>(inside, top) !== undefined;
}

/** First parts of our names that have a dot: `host` of `host.enrolled`, `limits` of `limits.connections`. */
const rooms = new Set([
  ...[...code.matchAll(/'([a-z-]+)\.[a-z-]+'/g)].map(([, room = '']) => room),
  ...Object.keys(configSchema.properties),
]);

const operations = Object.values(routes).map(
  ({ method, path }) => new RegExp(`^${method} ${path.replace(/\{\w+\}/g, '[^/]+')}$`),
);

/** What others call something that we name, and files. */
const foreign: readonly RegExp[] = [
  /^(--kubeconfig|--daemon|systemd\.debug-shell|qemu\.d)$/,
  /^(urlPrefix|clientConnection|extraArgs|hostPath)$/,
  /^GET \/allocation_candidates/,
  /\.(ts|env|crt|pem|example|db-\w+)$/,
];

interface Kind {
  readonly pattern: RegExp;
  readonly least: number;
  readonly isKnown: (name: string) => boolean;
}

const kinds: Readonly<Record<string, Kind>> = {
  'settings, kinds of events and lines of the log': {
    pattern: /^([a-zA-Z-]+(?:\.[\w-]+)+)$/,
    least: 120,
    isKnown: (name) => !rooms.has(name.split('.')[0] ?? '') || quoted.has(name) || isSetting(name),
  },
  options: { pattern: /^(--[a-z][a-z-]+)\b/, least: 60, isKnown: (name) => options.has(name) },
  'names of members': { pattern: /^([a-z]+[A-Z]\w*)$/, least: 60, isKnown: (name) => words.has(name) },
  operations: {
    pattern: /^((?:GET|PUT|POST|DELETE) \/[^?]*)/,
    least: 60,
    isKnown: (name) => operations.some((operation) => operation.test(name)),
  },
  metrics: { pattern: /^(touchstone_[a-z_]+)/, least: 20, isKnown: (name) => code.includes(`'${name}'`) },
  alerts: {
    pattern: /^(Touchstone[A-Z]\w+)$/,
    least: 2,
    isKnown: (name) => read('deploy/monitoring/touchstone.rules.yml').includes(`alert: ${name}\n`),
  },
  scripts: { pattern: /^npm run ([a-z:-]+)/, least: 5, isKnown: (name) => name in scripts },
  files: {
    pattern: /^((?:src|test|docs|deploy|lab|bench|scripts|certs|policies|golden-measurements)\/[\w./-]+)$/,
    least: 20,
    isKnown: (name) => existsSync(join(root, name)),
  },
};

/** What stands in backticks outside of fenced blocks, of the pages of today: the changelog tells of what was, and one page of what was tried
 * and is not there. */
const names = documents()
  .filter(({ path }) => /^(README|CONTRIBUTING|SECURITY|(docs|deploy)\/(?!performance-refused).*)\.md$/.test(path))
  .flatMap(({ path, text }) =>
    [...text.replace(/^( *)```.*\n[^]*?^\1```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => ({
      path,
      name,
    })),
  );

function unknownOf({ pattern, isKnown }: Kind): readonly string[] {
  return names.flatMap(({ path, name }) => {
    const found = pattern.exec(name)?.[1];
    if (found === undefined || foreign.some((one) => one.test(found)) || isKnown(found)) return [];
    return [`${path}: ${name}`];
  });
}

describe('names that pages set in backticks', () => {
  for (const [what, kind] of Object.entries(kinds)) {
    it(`are there: ${what}`, () => {
      const shown = names.filter(({ name }) => kind.pattern.test(name)).length;
      assert.ok(shown >= kind.least, `${shown} were found`);
      assert.deepEqual([...new Set(unknownOf(kind))], []);
    });
  }

  it('are of today: the schema of the database, where pages show what a server says of it', () => {
    const shown = ['docs/storage.md', 'docs/upgrading.md'].flatMap((path) =>
      [...read(path).matchAll(/(?:this release has |status .*# schema |SQLite [\d.]+, schema )(\d+)/g)].map(
        ([, found]) => found,
      ),
    );
    assert.ok(shown.length >= 3);
    assert.deepEqual([...new Set(shown)], [String(migrations.length)]);
  });

  it('are all of them: packages that run in production, each with what it is for and what not', () => {
    const rows = [...read('docs/decisions/0003-dependencies.md').matchAll(/^\| ([^|]+) \| [^|]+ \| [^|]+ \|$/gm)];
    const explained = rows.flatMap(([, cell = '']) => cell.match(/@?[a-z][\w/@.-]*/g) ?? []);
    const used = Object.keys({ ...dependencies, ...optionalDependencies });
    assert.ok(used.length > 10);
    assert.deepEqual(used.filter((name) => !explained.includes(name)), []); // prettier-ignore
  });
});
