import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import { parseDocument } from 'yaml';
import { loadGroups } from '../../src/cli/command-groups.ts';
import { suggestCommands } from '../../src/cli/misspelt.ts';
import { createProgram } from '../../src/cli/program.ts';
import { touchstone } from '../support/program.ts';
import { cli, cliJson } from './cli-run.ts';

const quote = 'test/fixtures/lab/tpm-quote/quote_rsa.msg';

function spawnCli(...args: string[]) {
  return spawnSync(process.execPath, [...touchstone, ...args], { encoding: 'utf8', timeout: 60_000 });
}

describe('the command line', () => {
  it('ends with 0 when it accepts, 1 when it refuses, 2 when it does not understand', () => {
    assert.equal(spawnCli('inspect', 'quote', quote).status, 0);
    assert.equal(spawnCli('inspect', 'quote', 'package.json').status, 1);
    assert.equal(spawnCli('inspect', 'quote').status, 2);
  });

  it('shows the help and accepts when it is given nothing', async () => {
    const { status, stdout } = await cli([]);
    assert.equal(status, 0);
    assert.match(stdout, /Usage: touchstone/);
  });

  it('tells its version, and loads no command for that', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    for (const option of ['--version', '-V']) {
      assert.deepEqual(await cli([option]), { status: 0, stdout: `${version}\n`, stderr: '' });
      assert.deepEqual(await loadGroups(option), []);
    }
  });

  it('names the nearest command of every group for one that is mistyped, also where the group does something itself', async () => {
    const output = { write: () => undefined };
    const world = { stdin: Readable.from([]), stdout: output, stderr: output, env: {}, now: () => new Date(0) };
    const program = createProgram({ ...world, exitCode: 0 }, await loadGroups());
    const groups = groupsOf(program);
    assert.ok(groups.length > 20);
    for (const group of groups) {
      for (const each of group.commands) {
        const name = each.name();
        const mistyped = `${name.slice(0, -1)}${name.endsWith('x') ? 'y' : 'x'}`;
        const words = [...pathOf(group), mistyped];
        for (const more of [[], ['--yes'], ['a', 'b']]) {
          const { status, stderr } = await cli([...words, ...more]);
          assert.equal(status, 2);
          assert.match(stderr, new RegExp(`^error CLI_USAGE_INVALID: unknown command '${mistyped}'\n\\(Did you mean .*\\b${name}\\b`), words.join(' ')); // prettier-ignore
        }
      }
      assert.equal((await cli([...pathOf(group), 'help'])).status, 0, 'a group explains itself');
    }
  });

  it('names the nearest command beside what is wrong, in a group whose word may be an argument', () => {
    const said: string[] = [];
    const group = new Command('look').argument('<file>').exitOverride().action(() => undefined); // prettier-ignore
    group.configureOutput({ writeErr: (text) => void said.push(text) }).command('clean-up');
    suggestCommands(group);
    const ask = (...words: string[]): string => {
      assert.throws(() => group.parse(words, { from: 'user' }));
      return said.splice(0).join('');
    };
    assert.equal(
      ask('clean', 'now'),
      'error: too many arguments. Expected 1 argument but got 2.\n(Did you mean clean-up?)\n',
    );
    assert.equal(ask('clean', '--now'), "error: unknown option '--now'\n(Did you mean clean-up?)\n");
    assert.equal(ask('elsewhere', 'now'), 'error: too many arguments. Expected 1 argument but got 2.\n');
    assert.equal(ask('--now'), "error: unknown option '--now'\n");
  });

  it('prints one JSON document on stdout, and nothing else, for every outcome', async () => {
    for (const args of [
      ['inspect', 'quote', quote],
      ['inspect', 'quote', 'package.json'],
      ['inspect', 'quote', 'absent'],
      ['inspect', 'quote'],
      ['inspect'],
      ['inspekt'],
      ['host', 'list', '--no-such-option'],
      ['token', 'create', 'x', '--role', 'king'],
      ['policy', 'apply'],
      ['verify', 'quote', '--nonce', 'xyz'],
    ]) {
      const { document, status, stderr } = await cliJson(args);
      assert.equal(stderr, '', args.join(' '));
      assert.equal(document['ok'], status === 0);
      if (status === 0) continue;
      assert.match(String(document['code']), /^[A-Z0-9_]+$/);
      assert.match(String(document['message']), /^[a-z].* /, 'the message is a sentence');
    }
  });

  it('writes colour to a terminal only, and not when NO_COLOR is set', async () => {
    // eslint-disable-next-line no-control-regex -- colours are control sequences
    const colour = /\u001b\[/;
    const args = ['inspect', 'event-log', 'test/fixtures/lab/boot/uki/binary_bios_measurements'];
    assert.match((await cli(args, { isTTY: true })).stdout, colour);
    assert.doesNotMatch((await cli(args)).stdout, colour);
    assert.doesNotMatch((await cli(args, { isTTY: true, env: { NO_COLOR: '1' } })).stdout, colour);
    assert.doesNotMatch((await cli(args, { isTTY: true, env: { TERM: 'dumb' } })).stdout, colour);
  });

  it('has --json, a description and an example for every command', async () => {
    const output = { write: () => undefined };
    const world = { stdin: Readable.from([]), stdout: output, stderr: output, env: {}, now: () => new Date(0) };
    const program = createProgram({ ...world, exitCode: 0 }, await loadGroups());
    for (const command of leaves(program)) {
      const path = pathOf(command);
      assert.ok(
        command.options.some(({ long }) => long === '--json'),
        `${path.join(' ')} has no --json`,
      );
      const { stdout, status } = await cli([...path, '--help']);
      assert.equal(status, 0);
      assert.match(stdout, /Examples:\n {2}\$ /, `${path.join(' ')} has no example`);
      assert.ok(command.description().length > 20, `${path.join(' ')} is not described`);
    }
  });

  it('says in the help which options a command is not understood without, and shows a list as it is typed', async () => {
    const output = { write: () => undefined };
    const world = { stdin: Readable.from([]), stdout: output, stderr: output, env: {}, now: () => new Date(0) };
    const program = createProgram({ ...world, exitCode: 0 }, await loadGroups());
    let required = 0;
    for (const command of leaves(program)) {
      const path = pathOf(command);
      const { stdout } = await cli([...path, '--help']);
      const help = stdout.replace(/\s+/g, ' ');
      const marked = command.options.filter(({ mandatory }) => mandatory).length;
      assert.equal(help.split(' (required)').length - 1, marked, path.join(' '));
      assert.doesNotMatch(help, /default: \[/, path.join(' '));
      required += marked;
    }
    assert.ok(required > 30);
    assert.match((await cli(['server', 'init', '--help'])).stdout, /--data <dir> +data directory \(required\)/);
  });

  it('shows documents that can be copied from the help as it is printed', async () => {
    for (const [path, top] of [
      [['policy', 'apply'], 'id: fleet'],
      [['golden', 'rollout', 'start'], 'name: kernel'],
    ] as const) {
      const { stdout } = await cli([...path, '--help']);
      const [document = ''] = stdout.slice(stdout.indexOf(`  ${top}`)).split('\n\n');
      const parsed = parseDocument(document);
      assert.deepEqual([parsed.errors, parsed.warnings], [[], []], document);
      assert.ok(Object.keys(parsed.toJS() as object).length >= 4, document);
    }
  });
});

function groupsOf(command: Command): Command[] {
  return command.commands.length === 0 ? [] : [command, ...command.commands.flatMap(groupsOf)];
}

function leaves(command: Command): Command[] {
  if (command.commands.length === 0) return command.name() === 'help' ? [] : [command];
  return command.commands.flatMap(leaves);
}

function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}
