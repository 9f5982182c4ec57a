import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cli, cliJson } from './cli-run.ts';

describe('touchstone completion bash', () => {
  let script = '';
  before(async () => {
    const { document, status } = await cliJson(['completion', 'bash']);
    assert.equal(status, 0);
    script = String(document['script']);
  });

  const bash = (text: string): string => {
    const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', text], { encoding: 'utf8', timeout: 60_000 });
    assert.deepEqual([status, stderr], [0, ''], text.slice(-300));
    return stdout;
  };
  /** What bash offers for the last word. */
  const offers = (...words: string[]): readonly string[] => {
    const typed = ['touchstone', ...words];
    const line = typed.map((word) => `'${word}'`).join(' ');
    const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _touchstone; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return bash(`${script}\n${ask}`)
      .split('\n')
      .filter((word) => word !== '');
  };

  it('prints a script that bash reads, and that registers itself', async () => {
    assert.equal((await cli(['completion', 'bash'])).stdout, `${script}\n`);
    assert.equal(bash(`${script}\ncomplete -p touchstone`), 'complete -o default -F _touchstone touchstone\n');
  });

  it('completes commands, however deep', () => {
    const first = offers('');
    for (const group of ['server', 'golden', 'what-if', 'completion']) assert.ok(first.includes(group), group);
    assert.deepEqual(offers('quar'), ['quarantine']);
    assert.deepEqual(offers('golden', 'rollout', 'r'), ['resume', 'roll-back']);
    assert.deepEqual(offers('revocation-lists', 'im'), ['import'], 'a command has several names');
  });

  it('completes options of the command that is typed, behind arguments too, and values where there is a choice', () => {
    assert.deepEqual(offers('golden', 'approve', 'sha256', '--ma'), ['--max-flips']);
    assert.deepEqual(offers('token', 'create', 'rack3', '--ro'), ['--role']);
    assert.deepEqual(offers('token', 'create', 'rack3', '--role', 'o'), ['orchestrator', 'operator']);
    assert.ok(offers('--').includes('--version'));
  });

  it('leaves files to bash, and has no shell beside the three', async () => {
    assert.deepEqual(offers('golden', 'sign', 'dra'), []);
    assert.deepEqual(offers('golden', 'sign', '--key', ''), []);
    assert.equal((await cli(['completion', 'csh'])).status, 2);
  });
});

/** What is offered for the last word of a line, the same in each shell. */
const lines: readonly (readonly [string, readonly string[]])[] = [
  ['touchstone quar', ['quarantine']],
  ['touchstone golden rollout r', ['resume', 'roll-back']],
  ['touchstone revocation-lists im', ['import']],
  ['touchstone golden approve sha256 --ma', ['--max-flips']],
  ['touchstone token create rack3 --ro', ['--role']],
  ['touchstone token create rack3 --role o', ['operator', 'orchestrator']],
  ['touchstone --vers', ['--version']],
  ['touchstone golden sign openapi.y', ['openapi.yaml']],
];
const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

for (const shell of ['zsh', 'fish'] as const) {
  describe(`touchstone completion ${shell}`, () => {
    let script = '';
    before(async () => {
      ({ stdout: script } = await cli(['completion', shell]));
    });

    it('has every command, option and choice, and closes each quote', async () => {
      const bash = (await cli(['completion', 'bash'])).stdout;
      const words = new Set([...bash.matchAll(/(?:commands|options|values)='([^']+)'/g)].flatMap(([, all = '']) => all.split(' '))); // prettier-ignore
      assert.ok(words.size > 200);
      for (const word of words) assert.match(script, new RegExp(`'${word}[':]`), word);
      const unescaped = shell === 'zsh' ? script.replaceAll("'\\''", '') : script.replace(/\\[\\']/g, '');
      for (const line of unescaped.split('\n')) assert.equal((line.split("'").length - 1) % 2, 0, line);
    });

    if (!isInstalled(shell)) return;

    it('offers the same as bash does, and files where nothing else is', () => {
      for (const [line, offered] of lines) assert.deepEqual([...offersOf[shell](script, line)].sort(), offered, line);
    });
  });
}

const offersOf = {
  fish: (script: string, line: string) =>
    linesOf('fish', ['--no-config', '-c', `${script}\ncomplete -C '${line}'`]).map((offer) => offer.split('\t')[0]),
  /** What its functions are handed; they would show it. */
  zsh: (script: string, line: string) => {
    const current = line.split(' ').at(-1) ?? '';
    const shown = [
      'compdef() { :; }',
      `_describe() { print -l -- "\${(@)\${(P@)@[-1]}%%:*}"; }`,
      `compadd() { print -l -- "\${(P@)2}"; }`,
      `_files() { print -l -- ${current}*(N); }`,
    ];
    const ask = `words=(${line}); CURRENT=$#words; _touchstone`;
    return linesOf('zsh', ['-f', '-c', [...shown, script, ask].join('\n')]).filter((offer) =>
      offer.startsWith(current),
    );
  },
} as const;

function linesOf(shell: string, args: readonly string[]): readonly string[] {
  const { stdout, stderr, status } = spawnSync(shell, args, { encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout.split('\n').filter((line) => line !== '');
}
