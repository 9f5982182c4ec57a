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

  it('leaves files to bash, and has no other shell', async () => {
    assert.deepEqual(offers('golden', 'sign', 'dra'), []);
    assert.deepEqual(offers('golden', 'sign', '--key', ''), []);
    assert.equal((await cli(['completion', 'fish'])).status, 2);
  });
});
