import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedTables, generatedFiles } from '../../scripts/generate.ts';
import { routes } from '../../src/api/index.ts';

const root = join(import.meta.dirname, '../..');

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : path.endsWith('.ts') ? [path] : [];
  });
}

describe('what is generated', () => {
  let files: ReadonlyMap<string, string>;
  before(async () => {
    files = await generatedFiles();
  });

  it('is what scripts/generate.ts writes today', () => {
    for (const [path, contents] of files) {
      assert.equal(readFileSync(join(root, path), 'utf8'), contents, `${path} is out of date: npm run generate`);
    }
  });

  it('is all that lint leaves to this test to hold to its form', () => {
    const [, left = ''] = readFileSync(join(root, '.prettierignore'), 'utf8').split(/^# Generated.*$/m);
    const entries = left.split('\n').filter(Boolean);
    const pages = entries.flatMap((path) =>
      path.endsWith('/') ? readdirSync(join(root, path)).map((name) => `${path}${name}`) : [path],
    );
    assert.ok(pages.length > entries.length);
    assert.deepEqual(
      pages.filter((path) => !files.has(path)),
      [],
    );
  });

  it('docs/errors.md has every code once but those of findings, and no code that does not exist', () => {
    const headings = [...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/^### (\S+)$/gm)].map(
      ([, code]) => code,
    );
    const tables = Object.values(documentedTables).filter((table) => table !== documentedTables.findings);
    const codes = tables.flatMap((table) => Object.keys(table));
    assert.deepEqual(headings.sort(), codes.sort());
  });

  it('docs/api.md has every operation', () => {
    const page = readFileSync(join(root, 'docs/api.md'), 'utf8');
    const lacking = Object.values(routes).filter(({ method, path }) => !page.includes(`| \`${method} ${path}\` `));
    assert.deepEqual(lacking, []);
  });

  it('docs/findings has a page for every finding, and none for what is no finding', () => {
    const pages = readdirSync(join(root, 'docs/findings')).sort();
    const codes = Object.keys(documentedTables.findings).map((code) => `${code}.md`);
    assert.deepEqual(pages, [...codes, 'README.md'].sort());
  });

  it('explains at length each divergence, and what keeps a log from being believed', () => {
    const common = Object.keys(documentedTables.findings).filter((code) =>
      /_DIVERGED$|^LOG_(ABSENT|PCR_MISMATCH)$/.test(code),
    );
    for (const code of common) {
      const page = readFileSync(join(root, `docs/findings/${code}.md`), 'utf8');
      const [, written = ''] = page.split('<!-- written by hand below -->');
      assert.ok(written.trim().length > 300, `${code} has nothing that would help at night`);
    }
  });

  it('every documented code is used somewhere, and every row says cause and remedy', () => {
    const text = sources(join(root, 'src'))
      .filter((path) => !/(errors|findings\.table|reasons|problem-codes)\.ts$/.test(path))
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');
    const unused = Object.keys(documentedTables.serverErrors).filter((code) => !text.includes(`'${code}'`));
    assert.deepEqual(unused, []);
    for (const table of Object.values(documentedTables)) {
      const rows: Readonly<Record<string, { readonly cause: string; readonly remedy: string }>> = table;
      for (const [code, { cause, remedy }] of Object.entries(rows)) {
        assert.ok(cause.length > 10 && remedy.length > 5, code);
      }
    }
  });
});
