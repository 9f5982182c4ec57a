// The walls of the house: who may import whom, what the core may not touch, which names are refused, and that documents
// and code agree. `docs/architecture.md` draws what this test holds.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');

/** room -> rooms it may import. `core/*` names are the rooms of the core; a room may always import itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'core/encoding': [],
  'core/crypto': ['core/encoding'],
  'core/tpm': ['core/encoding', 'core/crypto'],
  'core/event-log': ['core/encoding', 'core/crypto', 'core/tpm', 'core/x509'],
  'core/ima': ['core/encoding', 'core/crypto', 'core/tpm'],
  'core/x509': ['core/encoding', 'core/crypto', 'core/tpm'],
  'core/issuance': ['core/encoding', 'core/x509'],
  'core/verdict': ['core/encoding', 'core/crypto'],
  'core/transparency': ['core/encoding', 'core/crypto', 'core/golden', 'core/verdict'],
  'core/golden': [
    'core/encoding',
    'core/crypto',
    'core/tpm',
    'core/event-log',
    'core/ima',
    'core/x509',
    'core/verdict',
  ],
  'core/deny': ['core/encoding', 'core/crypto', 'core/event-log', 'core/golden'],
  'core/break-glass': ['core/encoding', 'core/crypto', 'core/golden', 'core/verdict'],
  'core/advisory': ['core/encoding', 'core/crypto', 'core/golden', 'core/deny'],
  'core/corim': ['core/encoding', 'core/crypto', 'core/event-log', 'core/golden'],
  'core/rim': ['core/encoding', 'core/crypto', 'core/x509'],
  'core/import': [
    'core/encoding',
    'core/crypto',
    'core/event-log',
    'core/x509',
    'core/golden',
    'core/corim',
    'core/rim',
  ],
  'core/anchor-bundle': ['core/encoding', 'core/crypto', 'core/x509', 'core/golden'],
  'core/prediction': ['core/encoding', 'core/crypto', 'core/tpm', 'core/event-log', 'core/x509', 'core/golden'],
  'core/appraisal': [
    'core/encoding',
    'core/crypto',
    'core/tpm',
    'core/event-log',
    'core/ima',
    'core/x509',
    'core/verdict',
    'core/golden',
    'core/deny',
  ],
  'core/evidence-bundle': [
    'core/encoding',
    'core/crypto',
    'core/tpm',
    'core/event-log',
    'core/x509',
    'core/golden',
    'core/deny',
    'core/break-glass',
    'core/verdict',
    'core/transparency',
    'core/appraisal',
    'core/endorsement',
  ],
  'core/endorsement': ['core/encoding', 'core/crypto', 'core/tpm', 'core/x509', 'core/deny', 'core/appraisal'],
  api: [],
  files: [],
  simulator: ['core/*'],
  agent: ['core/*', 'api', 'files'],
  controller: ['core/encoding', 'api', 'files'],
  server: ['core/*', 'api', 'files'],
  cli: ['core/*', 'api', 'files', 'agent', 'controller', 'server', 'simulator'],
};

const refusedNames = /^(utils?|helpers?|common|shared|misc|types|interfaces|models|services)(\.ts)?$/;

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files = listFiles(source)
  .filter((path) => path.endsWith('.ts'))
  .map(readSource);

describe('the house', () => {
  it('keeps the direction of imports', () => {
    const wrong: string[] = [];
    for (const file of files) {
      for (const target of localImports(file)) {
        const room = roomOf(target);
        if (room === file.room || isCoreRoot(target)) continue;
        const allowed = mayImport[file.room] ?? [];
        const permitted = allowed.includes(room) || (allowed.includes('core/*') && room.startsWith('core/'));
        if (!permitted && !isCoreRoot(file.path)) wrong.push(`${short(file.path)} imports ${short(target)}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('enters a room by its door only', () => {
    const wrong: string[] = [];
    for (const file of files) {
      for (const target of localImports(file)) {
        if (roomOf(target) === file.room || isCoreRoot(target)) continue;
        const isErrorTable = isCoreRoot(file.path) && target.endsWith('/errors.ts');
        if (!target.endsWith('/index.ts') && !isErrorTable)
          wrong.push(`${short(file.path)} reaches into ${short(target)}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('keeps the core pure: no clock, no randomness, no I/O, no environment', () => {
    const banned =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bfetch\(|\bconsole\.|\bset(Timeout|Interval|Immediate)\(/;
    const wrong: string[] = [];
    for (const file of files.filter(({ room }) => room.startsWith('core/'))) {
      const code = withoutComments(file.text);
      if (banned.test(code)) wrong.push(`${short(file.path)}: ${banned.exec(code)?.[0] ?? ''}`);
      for (const name of file.imports.filter((name) => name.startsWith('node:'))) {
        if (name !== 'node:crypto' || file.room !== 'core/crypto') wrong.push(`${short(file.path)} imports ${name}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('loads for the agent and for a question of admission no package that they do not need', () => {
    // On a host all that is loaded is measured, and loading is most of what a run of the agent takes.
    for (const [command, more] of [
      ['agent', ['node-forge']],
      ['admit', []],
    ] as const) {
      const packages = packagesOf(['cli/main.ts', `cli/commands/${command}.ts`].map((name) => join(source, name)));
      assert.deepEqual(packages, ['cbor-x/decode', 'commander', ...more], command);
    }
  });

  it('throws typed errors only in core, server, agent and simulator', () => {
    const wrong = files
      .filter(({ room }) => /^(core|server|agent|controller|simulator)/.test(room))
      .filter(({ text }) => /\bnew Error\(/.test(withoutComments(text)))
      .map(({ path }) => short(path));
    assert.deepEqual(wrong, []);
  });

  it('has no refused names, no `any`, no naked promise of later work', () => {
    const wrong: string[] = [];
    for (const file of files) {
      if (
        short(file.path)
          .split('/')
          .some((part) => refusedNames.test(part))
      )
        wrong.push(`refused name: ${short(file.path)}`);
      if (/\bas any\b|: any\b/.test(withoutComments(file.text))) wrong.push(`any: ${short(file.path)}`);
      if (/\b(TODO|FIXME|XXX)\b/.test(file.text)) wrong.push(`unfinished: ${short(file.path)}`);
    }
    assert.deepEqual(wrong, []);
  });

  it('supposes approval of a golden measurement in what-if and explanations alone', () => {
    const users = files
      .filter(({ text }) => withoutComments(text).includes('supposeApproved'))
      .map(({ path }) => short(path));
    assert.deepEqual(users.sort(), [
      'src/core/deny/match-denied.ts',
      'src/core/golden/index.ts',
      'src/core/golden/suppose-golden.ts',
      'src/server/break-glass/rests-on-revoked.ts',
      'src/server/explanation/nearest-golden.ts',
      'src/server/what-if/draft.ts',
    ]);
  });

  it('answers about a host by what may stand in for its evidence too, never by its verdict alone', () => {
    const asking = files
      .filter(({ text }) => withoutComments(text).includes('holdVerdict'))
      .map(({ path }) => short(path));
    assert.deepEqual(asking.sort(), [
      'src/server/attestation/host-verdict.ts',
      'src/server/attestation/view-verdict.ts',
    ]);
  });

  it('says in the first line of each file what it is', () => {
    const silent = files.filter(({ text }) => !/^(#!.*\n)?(\/\/ |\/\*)/.test(text)).map(({ path }) => short(path));
    assert.deepEqual(silent, []);
  });

  it('names in its comments only files that are there', () => {
    const known = new Set(
      ['src', 'test', 'scripts', 'bench', 'lab'].flatMap((folder) =>
        listFiles(join(root, folder)).map((path) => basename(path)),
      ),
    );
    const wrong = files.flatMap(({ path, text }) =>
      commentsOf(text)
        .flatMap((comment) => comment.match(/\b[a-z][\w-]*(?:\.[\w-]+)*\.ts\b/g) ?? [])
        .filter((name) => !known.has(name))
        .map((name) => `${short(path)} speaks of ${name}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('has a door in every room', () => {
    const rooms = new Set(files.map(({ room }) => room).filter((room) => room !== 'core' && room !== 'cli'));
    for (const room of rooms) assert.ok(existsSync(join(source, room, 'index.ts')), `${room} has no index.ts`);
  });

  it('commits no private key', () => {
    const marker = new RegExp(`-----BEGIN ([A-Z]+ )*PRIVATE KEY-----`);
    const wrong = ['src', 'test', 'certs', 'golden-measurements', 'docs', 'deploy', 'scripts']
      .filter((folder) => existsSync(join(root, folder)))
      .flatMap((folder) => listFiles(join(root, folder)))
      .filter((path) => marker.test(readFileSync(path, 'latin1')))
      .map(short);
    assert.deepEqual(wrong, []);
  });

  it('fits appraise() on one screen', () => {
    const text = readFileSync(join(source, 'core/appraisal/appraise.ts'), 'utf8');
    assert.ok(text.split('\n').length <= 140, 'appraise.ts has outgrown the screen');
  });
});

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const imports = [...withoutComments(text).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  );
  return { path, room: roomOf(path), text, imports };
}

/** Packages that are loaded with these files, and with those that they load. */
function packagesOf(entries: readonly string[]): readonly string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const code = withoutComments(readFileSync(path, 'utf8')).replace(/^(import|export) type [^;]*;/gm, '');
    for (const [, name = ''] of code.matchAll(/^(?:import|export) (?:[^;']* from )?'([^']+)';$/gm)) {
      if (name.startsWith('.')) visit(resolve(dirname(path), name));
      else if (!name.startsWith('node:')) packages.add(name);
    }
  };
  entries.forEach(visit);
  return [...packages].sort();
}

function localImports(file: SourceFile): string[] {
  return file.imports.filter((name) => name.startsWith('.')).map((name) => resolve(dirname(file.path), name));
}

/** `core/tpm` for a file of a core room, `core` for core's own files, else the first folder (`server`, `cli`...). */
function roomOf(path: string): string {
  const parts = relative(source, path).split('/');
  if (parts[0] === 'core') return parts.length > 2 ? `core/${parts[1] ?? ''}` : 'core';
  return parts[0] ?? '';
}

/** `core/error.ts`, `core/error-codes.ts`, `core/error-table.ts`: the vocabulary of failures, open to all. */
function isCoreRoot(path: string): boolean {
  return roomOf(path) === 'core';
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

function commentsOf(text: string): readonly string[] {
  return text.match(/\/\*[\s\S]*?\*\/|(?<=^|[^:'"`])\/\/.*$/gm) ?? [];
}

function short(path: string): string {
  return relative(root, path);
}
