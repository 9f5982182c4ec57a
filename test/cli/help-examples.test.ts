// The examples that `--help` shows, typed as they stand: whatever stands in the way where no server and none of the files is,
// no command calls one of them a misuse.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadGroups } from '../../src/cli/command-groups.ts';
import { createProgram } from '../../src/cli/program.ts';
import { splitWords } from '../contract/documented-commands.ts';
import { createQuietSession } from '../support/quiet-session.ts';
import { cli } from './cli-run.ts';

/** They start something, or act on this machine: only their parsing is tried, in test/contract/documents.test.ts. */
const acting = ['agent', 'conformance', 'controller', 'demo', 'server', 'simulate', 'storage'];

const world = {
  // Nobody listens there, and nothing is sent that anybody would take.
  env: { TOUCHSTONE_SERVER: 'http://127.0.0.1:9', TOUCHSTONE_TOKEN: 'of nobody' },
};

describe('examples of --help', () => {
  const home = process.cwd();
  let examples: readonly string[];
  before(async () => {
    examples = await readExamples();
    // What an example writes belongs nowhere.
    process.chdir(mkdtempSync(join(tmpdir(), 'touchstone-examples-')));
  });
  after(() => {
    const folder = process.cwd();
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });

  it('are whole: nothing in them stands for something longer', () => {
    assert.ok(examples.length > 200, `${examples.length} were read`);
    assert.deepEqual(examples.filter((example) => example.includes('…')), []); // prettier-ignore
  });

  it('are taken by the commands themselves, as far as anybody gets without server and files', async function () {
    this.timeout(240_000);
    const tried = examples.filter((example) => !acting.includes(example.split(' ')[0] ?? ''));
    assert.ok(tried.length > 150, `${tried.length} were tried`);
    const wrong: string[] = [];
    for (const example of tried) {
      const { stderr } = await cli(splitWords(example), world);
      if (/error (CLI_USAGE|CLI_INTERNAL)/.test(stderr)) wrong.push(`${example}\n${stderr}`);
    }
    assert.deepEqual(wrong, []);
  });
});

/** What follows `touchstone` in each. */
async function readExamples(): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = (command: Command): void => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    const lines = help.replace(/ \\\n\s+/g, ' ').replace(/\n {6}/g, ' ');
    for (const [, example = ''] of lines.matchAll(/^ {2}\$ touchstone (.*)$/gm)) {
      // The first steps say behind each command what it does.
      found.push(example.split(/ {2,}(?=[a-z])/)[0] ?? '');
    }
    command.commands.forEach(visit);
  };
  visit(createProgram(createQuietSession(), await loadGroups(), true));
  return found;
}
