// The gate takes the word of this script for types and lint: what either of the two finds must be told.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');
const plugin = pathToFileURL(join(root, 'node_modules/typescript-eslint/dist/index.js')).href;
const settings = {
  compilerOptions: { strict: true, noEmit: true, module: 'nodenext', lib: ['es2015'], types: [] },
  include: ['*.ts'],
};
const rules = `import tseslint from '${plugin}';
export default tseslint.config({
  files: ['**/*.ts'],
  extends: [tseslint.configs.base],
  languageOptions: { parserOptions: { projectService: true } },
  rules: { '@typescript-eslint/await-thenable': 'warn' },
});
`;

const script = (await import(pathToFileURL(join(root, 'scripts/types-and-lint.mjs')).href)) as {
  findMistakes(folder: string): Promise<string>;
};

describe('types and lint in one process', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-lint-'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    writeFileSync(join(folder, 'eslint.config.mjs'), rules);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const check = async (source: string): Promise<string> => {
    writeFileSync(join(folder, 'one.ts'), source);
    return script.findMistakes(folder);
  };

  it('find nothing in sources with which both agree', async () => {
    assert.equal(await check('export const one: number = await Promise.resolve(1);\n'), '');
  });

  it('find a mistake of types alone', async () => {
    const mistakes = await check("export const one: number = 'one';\n");
    assert.match(mistakes, /one\.ts\(1,14\): error TS2322/);
    assert.doesNotMatch(mistakes, /await-thenable/);
  });

  it('find what a rule says that asks for types, though it only warns', async () => {
    const mistakes = await check('export const one: number = await 1;\n');
    assert.match(mistakes, /await-thenable/);
    assert.doesNotMatch(mistakes, /error TS/);
  });

  it('are never content with settings that cannot be read, or name no file', async () => {
    for (const wrong of ['{', JSON.stringify({ ...settings, include: ['*.tsx'] })]) {
      writeFileSync(join(folder, 'tsconfig.json'), wrong);
      await assert.rejects(check('export const one = 1;\n'), TypeError);
    }
  });
});
