// Documents and code agree: every command that a document shows exists with its options, every code and link is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommanderError, type Command } from 'commander';
import { documentedTables } from '../../scripts/generate.ts';
import { policyRemarks } from '../../src/core/appraisal/index.ts';
import { loadGroups } from '../../src/cli/command-groups.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createQuietSession } from '../support/quiet-session.ts';
import { documentedCommands, documents, splitWords, type DocumentedCommand } from './documented-commands.ts';

const root = join(import.meta.dirname, '../..');
const groups = await loadGroups();

/** Thrown in the place of every command's work. */
const taken = new Error('the command line was taken');

/** The whole command line, whose commands do nothing: what is left is what the parser says. */
function createParser(onMissing: boolean): Command {
  const program = createProgram(createQuietSession(), groups, true);
  program.hook('preAction', () => {
    throw taken;
  });
  forEachCommand(program, (command) => {
    if (onMissing) return;
    for (const option of command.options) {
      option.mandatory = false;
      // `--expires-in SECONDS` says what to fill in.
      delete option.parseArg;
    }
    for (const argument of command.registeredArguments) argument.required = false;
  });
  return program;
}

/** Made once: to make one takes as long as to read a hundred command lines, and each reading begins anew. */
const parsers = { whole: createParser(true), part: createParser(false) };

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) forEachCommand(child, visit);
}

/** What is wrong with a command line; undefined when the tool would take it. */
function findMistake({ words, isWhole }: Pick<DocumentedCommand, 'words' | 'isWhole'>): string | undefined {
  try {
    parsers[isWhole ? 'whole' : 'part'].parse([...words], { from: 'user' });
    return 'no command of the tool';
  } catch (error) {
    if (error === taken) return undefined;
    if (!(error instanceof CommanderError)) throw error;
    const isGroup = error.code === 'commander.help' && !isWhole && words.length === 1;
    return error.exitCode === 0 || isGroup ? undefined : error.message;
  }
}

describe('documents', () => {
  it('show only commands and options that the tool has', () => {
    const commands = documentedCommands();
    assert.ok(commands.filter(({ isWhole }) => isWhole).length > 25, 'the documents were not read');
    assert.ok(commands.filter(({ isWhole }) => !isWhole).length > 25);
    const wrong = commands.flatMap((command) => {
      const mistake = findMistake(command);
      return mistake === undefined ? [] : [`${command.place}\n    ${mistake}`];
    });
    assert.deepEqual(wrong, []);
  });

  it('would be caught with a command, an option, a value or an argument that does not exist', () => {
    for (const line of [
      'golden sing x --key k',
      'golden sign x --keyfile k',
      'golden sign x',
      'golden approve sha256:00',
      'verify quote --attest a --signature b --public c --nonce xyz',
      'token create x --role king',
      'host show',
      'host list extra',
      'golden',
    ]) {
      assert.notEqual(findMistake({ words: splitWords(line), isWhole: true }), undefined, line);
    }
    assert.notEqual(findMistake({ words: ['golden', 'sing'], isWhole: false }), undefined);
    assert.notEqual(findMistake({ words: ['host', 'show', '--nothing'], isWhole: false }), undefined);
  });

  it('show examples in --help that the tool takes', () => {
    let count = 0;
    forEachCommand(createParser(true), (command) => {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) });
      command.outputHelp();
      for (const [, example] of help.replace(/\n {6}/g, ' ').matchAll(/^ {2}\$ touchstone (.*)$/gm)) {
        count += 1;
        assert.equal(findMistake({ words: exampleWords(example ?? ''), isWhole: true }), undefined, example);
        // What a command asks for itself, and the parser does not.
        const [, server] = /--server (\S+)/.exec(example ?? '') ?? [];
        assert.ok(server === undefined || URL.canParse(server), `an address: ${example}`);
      }
    });
    assert.ok(count > 40, `${count} examples were read`);
  });

  it('name only codes that exist', () => {
    const codes = new Set([...Object.values(documentedTables), policyRemarks].flatMap((table) => Object.keys(table)));
    const rooms = new Set([...codes].map((code) => code.split('_')[0]));
    const wrong = documents().flatMap(({ path, text }) =>
      [...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g)]
        .map(([, name]) => name ?? '')
        .filter((name) => !codes.has(name) && (rooms.has(name.split('_')[0] ?? '') || !isForeign(name)))
        .map((name) => `${path}: ${name}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('link only to what is there', () => {
    const wrong = documents().flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => target ?? '')
        .filter((target) => !existsSync(join(root, dirname(path), target)))
        .map((target) => `${path}: ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('have in each row of a table as many cells as it has columns', () => {
    const columnsOf = (row: string): number => row.replaceAll('\\|', '').split('|').length;
    const tables = documents().flatMap(({ path, text }) =>
      [...text.matchAll(/^\|.*\n\| *[-: |]+\n(?:\|.*\n)*/gm)].map(([table]) => ({
        path,
        rows: table.trimEnd().split('\n'),
      })),
    );
    assert.ok(tables.length > 30);
    const wrong = tables.flatMap(({ path, rows: [head = '', ...rows] }) =>
      rows.filter((row) => columnsOf(row) !== columnsOf(head)).map((row) => `${path}: ${row.slice(0, 80)}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('are all in the index of pages', () => {
    const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
    const pages = readdirSync(join(root, 'docs')).filter((name) => name !== 'README.md');
    assert.ok(pages.length > 30);
    assert.deepEqual(
      pages.filter((name) => !index.includes(`](${name})`) && !index.includes(`](${name}/README.md)`)),
      [],
    );
  });

  it('have every decision in their index, by its own title', () => {
    const folder = join(root, 'docs/decisions');
    const entries = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^- \[(.+?)\]\((\d{4}-.+?\.md)\)/gm)];
    const decisions = readdirSync(folder).filter((name) => name !== 'README.md');
    assert.deepEqual(entries.map(([, , name]) => name).sort(), decisions.sort());
    for (const [, title, name = ''] of entries) {
      assert.equal(`# ${title}`, readFileSync(join(folder, name), 'utf8').split('\n')[0], name);
    }
  });

  it('say which specification every tag in a comment stands for', () => {
    const table = readFileSync(join(root, 'docs/specifications.md'), 'utf8');
    const known = new Set([...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, tags = '']) => tags.trim().split(', ')));
    const cited = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => readFileSync(join(root, 'src', name), 'utf8').match(/^ *(\/\/|\/?\*).*$/gm) ?? [])
      .flatMap((comment) => [...comment.matchAll(/\[([A-Z][A-Za-z]*[A-Z0-9][\w.-]*[^\]]*)\]/g)])
      .flatMap(([, tags = '']) => tags.split(', '))
      .map((tag) => tag.split(' ')[0] ?? '')
      .filter((tag) => /^[A-Z]/.test(tag) && !/^(CVE-|T)\d/.test(tag));
    assert.ok(cited.length > 100);
    // Most RFCs stand in one row, by their numbers.
    const isKnown = (tag: string): boolean =>
      known.has(tag) || table.match(/\d{4}/g)?.includes(tag.replace(/^RFC/, '')) === true;
    assert.deepEqual([...new Set(cited)].filter((tag) => !isKnown(tag)).sort(), []);
  });

  it('begin with a README that is read in one go', () => {
    const lines = readFileSync(join(root, 'README.md'), 'utf8').split('\n').length - 1;
    assert.ok(lines <= 150, `README.md has ${lines} lines: pages belong into docs/README.md`);
  });
});

/** Names of other houses: TPM structures and commands, event types, traits, kernel and environment variables. */
function isForeign(name: string): boolean {
  return /^(TPM2?|TPMS|TPMT|TPM2B|TPMU|TPMA|TPMI|EV|EFI|CONFIG|IMA|TOUCHSTONE|TCG|NO|XDG|OS|CUSTOM|COMPUTE|MALLOC|GLIBC|LD)_/.test(
    name,
  );
}

/** Help wraps nothing inside an example; the description of the first steps stands after two spaces. */
function exampleWords(example: string): string[] {
  return splitWords(example.split(/ {2,}(?=[a-z])/)[0] ?? '');
}
