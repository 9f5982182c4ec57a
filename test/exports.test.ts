// No dead exports: what a file exports, another file of the program imports. Tests alone keep nothing alive.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');

interface Module {
  readonly path: string;
  /** Names declared and exported here, with how often the file itself uses each. */
  readonly declared: readonly { readonly name: string; readonly ownUses: number }[];
  /** `export { name } from`, or `*`: what a door passes on. */
  readonly passedOn: readonly { readonly name: string; readonly original: string; readonly from: string }[];
  readonly imported: readonly { readonly name: string; readonly from: string }[];
}

const program = ['src', 'scripts'].flatMap(listModules);
const tests = ['test', 'bench', 'lab'].flatMap(listModules);
const modules = new Map([...program, ...tests].map((module) => [module.path, module]));

/** Code that the program does not run, and why it is there. */
const kept: Readonly<Record<string, string>> = {
  'src/core/encoding/cose.ts: encodeCoseSign1': 'the counterpart of parseCoseSign1: the tests sign what is read',
  'src/core/encoding/der.ts: encodeDer': 'the counterpart of readDer: tests and fuzzers hold the two to each other',
};

describe('exports', () => {
  it('belong to code that the program runs, not only its tests', () => {
    const used = usedBy(program);
    // The simulator is there for tests, demonstrations and load.
    const run = program.filter(({ path }) => path.startsWith('src/') && !path.startsWith('src/simulator/'));
    const dead = run.flatMap(({ path, declared }) =>
      declared
        .filter(({ name, ownUses }) => ownUses === 0 && !used.has(`${path}#${name}`))
        .map(({ name }) => `${path}: ${name}`),
    );
    assert.deepEqual(dead.sort(), Object.keys(kept).sort());
  });

  it('are imported by somebody, and doors open to what somebody comes for', () => {
    const used = usedBy([...program, ...tests]);
    const needless = program.flatMap(({ path, declared, passedOn }) =>
      [...declared, ...passedOn]
        .filter(({ name }) => name !== '*' && !used.has(`${path}#${name}`))
        .map(({ name }) => `${path}: ${name}`),
    );
    assert.deepEqual(needless, []);
  });
});

/** `path#name` of everything that the importers reach, through the doors and back to where it is declared. */
function usedBy(importers: readonly Module[]): ReadonlySet<string> {
  const used = new Set<string>();
  const mark = (path: string, name: string): void => {
    const key = `${path}#${name}`;
    if (used.has(key)) return;
    used.add(key);
    const { declared = [], passedOn = [] } = modules.get(path) ?? {};
    if (name === '*') for (const one of declared) mark(path, one.name);
    for (const passed of passedOn) {
      if (passed.name === '*') mark(passed.from, name);
      else if (passed.name === name || name === '*') {
        used.add(`${path}#${passed.name}`);
        mark(passed.from, passed.original);
      }
    }
  };
  for (const { imported } of importers) for (const { name, from } of imported) mark(from, name);
  return used;
}

function listModules(folder: string): Module[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.gen.ts') && !name.includes('node_modules'))
    .map((name) => readModule(join(folder, name)));
}

function readModule(path: string): Module {
  const text = readFileSync(join(root, path), 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const target = (specifier: ts.Expression | undefined): string | undefined =>
    specifier !== undefined && ts.isStringLiteral(specifier) && specifier.text.startsWith('.')
      ? join(dirname(path), specifier.text)
      : undefined;
  const declared: { name: string; ownUses: number }[] = [];
  const passedOn: { name: string; original: string; from: string }[] = [];
  const imported: { name: string; from: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const from = target(node.moduleSpecifier);
      const bindings = node.importClause?.namedBindings;
      if (from !== undefined && bindings !== undefined) {
        if (ts.isNamespaceImport(bindings)) imported.push({ name: '*', from });
        else
          for (const { name, propertyName } of bindings.elements)
            imported.push({ name: (propertyName ?? name).text, from });
      }
    } else if (ts.isExportDeclaration(node)) {
      const from = target(node.moduleSpecifier);
      if (from === undefined) return;
      if (node.exportClause === undefined) passedOn.push({ name: '*', original: '*', from });
      else if (ts.isNamedExports(node.exportClause)) {
        // A door may name types that only signatures need.
        for (const { name, propertyName, isTypeOnly } of node.exportClause.elements) {
          if (isTypeOnly || node.isTypeOnly) continue;
          passedOn.push({ name: name.text, original: (propertyName ?? name).text, from });
        }
      }
    } else if (ts.isPropertyAccessExpression(node) && importCallOf(node.expression) !== undefined) {
      const from = target(importCallOf(node.expression)?.arguments[0]);
      if (from !== undefined) imported.push({ name: node.name.text, from });
      return;
    } else if (isImportCall(node)) {
      const from = target(node.arguments[0]);
      if (from !== undefined) imported.push({ name: '*', from });
    } else if (isExported(node)) {
      for (const name of namesOf(node)) {
        const ownUses = (text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0) - 1;
        declared.push({ name, ownUses });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { path, declared, passedOn, imported };
}

/** `import(file)` within `(await import(file)).name`. */
function importCallOf(node: ts.Expression): ts.CallExpression | undefined {
  if (!ts.isParenthesizedExpression(node) || !ts.isAwaitExpression(node.expression)) return undefined;
  const call = node.expression.expression;
  return isImportCall(call) ? call : undefined;
}

function isImportCall(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
}

function isExported(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** Types are left out: what a function takes and returns has a name for whoever calls it. */
function namesOf(node: ts.Node): string[] {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node))
    return node.name === undefined ? [] : [node.name.text];
  return [];
}
