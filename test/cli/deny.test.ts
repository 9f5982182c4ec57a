// Deny lists by command line alone, as two operators use them.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { encodeHex } from '../../src/core/encoding/index.ts';
import { hash } from '../../src/core/crypto/index.ts';
import { authority } from '../support/paper-story.ts';
import { testStart } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, typed, type CliWorld } from './cli-run.ts';
import { openOperatorsWorld, type OperatorsWorld } from './operators-world.ts';

describe('deny lists from the command line', () => {
  let world: CliWorld;
  let at: OperatorsWorld['at'];
  let close: OperatorsWorld['close'];
  before(async () => {
    ({ world, at, close } = await openOperatorsWorld());
  });
  after(() => close());

  const accepted = (words: readonly string[]) => cliAccepted(words, world);
  const said = async (words: readonly string[]) => (await cli(words, world)).stdout;
  const refused = async (code: string, words: readonly string[]) => {
    const run = await cliJson(words, world);
    assert.deepEqual([run.status, run.document['code']], [1, code]);
  };
  const list = {
    _type: 'https://touchstone.dev/deny-list/v1',
    name: 'fleet',
    version: 1,
    issuedAt: testStart.toISOString(),
    entries: [
      {
        id: 'root',
        reason: 'key stolen',
        denies: { endorsement: encodeHex(hash('sha256', authority.rootCertificate)) },
      },
    ],
  };
  const signByBoth = async (name: string) => {
    await accepted(typed`deny sign ${at(`${name}.json`)} --key ${at('alice.key')} --yes`);
    await accepted(typed`deny sign ${at(`${name}.dsse.json`)} --key ${at('bob.key')} --yes`);
  };
  /** What progress wrote one over another, at a terminal. */
  const progressOf = ({ stderr }: { readonly stderr: string }) => stderr.split('\r\u001b[K');

  it('says before anything is signed which hosts a list would deny, or one measurement', async () => {
    writeFileSync(at('fleet.json'), JSON.stringify(list));
    assert.match(await said(typed`deny hosts ${at('fleet.json')}`), /1 of 1 host[^]*key stolen[^]*hv-1/);
    assert.match(await said(typed`deny hosts --sbat shim,1`), /^1 of 1 host\n|^none of 1 host/);
    const nobodys = `sha256:${'0'.repeat(64)}`;
    assert.equal((await accepted(typed`deny hosts --digest ${nobodys}`))['denied'], 0);
    for (const [option, wrong, why] of [
      ['--digest', 'sha256:3f2a', '32 bytes in lower-case hexadecimal expected'],
      ['--digest', 'md5:00', 'digests in sha256, sha384, sha512 only expected'],
      ['--certificate', '9f3c', '32 bytes in lower-case hexadecimal expected'],
      ['--sbat', 'a b,4', 'the name of an SBAT component expected'],
    ] as const) {
      const { status, document } = await cliJson(['deny', 'hosts', '--digest', nobodys, option, wrong], world);
      assert.deepEqual([status, document['code']], [2, 'CLI_USAGE_INVALID']);
      assert.ok(String(document['message']).startsWith(`${option} ${wrong}: ${why}`), String(document['message']));
    }
    for (const wrong of [[], ['--digest', '0'.repeat(64)], ['--sbat', 'shim'], ['--sbat', 'shim,1', '--pcr', '4']]) {
      assert.equal((await cli(['deny', 'hosts', ...wrong], world)).status, 2);
    }
  });

  it('imports what a quorum signed, foretold by what-if, and nothing that is in force already', async () => {
    const signed = at('fleet.dsse.json');
    await refused('CLI_SIGNATURE_UNKNOWN', typed`deny import ${at('fleet.json')}`);
    await refused('CLI_SIGNATURE_UNKNOWN', typed`deny import ${at('fleet.json')} --dry-run`);
    await accepted(typed`deny sign ${at('fleet.json')} --key ${at('alice.key')} --yes`);
    await refused('DENY_LIST_QUORUM_NOT_REACHED', typed`deny import ${signed}`);
    await refused('DENY_LIST_QUORUM_NOT_REACHED', typed`deny import ${signed} --dry-run`);
    const asked = await cli(typed`deny import ${signed}`, { ...world, isTTY: true, typed: 'y\n' });
    assert.match(asked.stderr, /DENY_LIST_QUORUM_NOT_REACHED.*: 1 of 2 required signers/);
    assert.doesNotMatch(asked.stderr, /\[y\/N\]/, 'nobody is asked for what would be refused');
    await accepted(typed`deny sign ${signed} --key ${at('bob.key')} --yes`);
    await accepted(typed`deny import ${signed} --dry-run`);
    assert.equal((await accepted(typed`what-if --deny ${signed}`))['lost'], 1);
    await refused('CHANGE_FLIPS_TOO_MANY', typed`deny import ${signed} --max-flips 0`);
    const twice = await cliJson(typed`deny import ${signed} ${signed} --max-flips 1`, world);
    assert.deepEqual(
      [twice.status, twice.document['code']],
      [1, 'DENY_LIST_OUTDATED'],
      'the first is in force, the second is the same',
    );
    assert.match(String(twice.document['message']), /fleet\.dsse\.json: /);
    const items = twice.document['items'] as { hosts: number }[];
    assert.equal(items.length, 1);
    assert.equal(items[0]?.hosts, 1);
    await refused('DENY_LIST_OUTDATED', typed`deny import ${signed}`);
    await refused('DENY_LIST_OUTDATED', typed`deny import ${signed} --dry-run`);
  });

  it('shows what is in force, and which hosts it denies', async () => {
    assert.match(await said(typed`deny list`), /fleet +1 +in-force +1/);
    assert.match(await said(typed`deny show fleet`), /root +endorsement[^]*key stolen/);
    assert.equal((await accepted(typed`deny hosts fleet`))['denied'], 1);
    await refused('DENY_LIST_NOT_FOUND', typed`deny show other`);
  });

  it('shows progress to people alone', async () => {
    const person = { ...world, isTTY: true };
    const shown = await cli(typed`deny hosts fleet`, person);
    assert.deepEqual(progressOf(shown).slice(-2), ['1 of 1 host ', ''], 'progress, to people alone');
    assert.equal((await cliJson(typed`deny hosts fleet`, person)).stderr, '');
    for (const name of ['two', 'three']) {
      writeFileSync(at(`${name}.json`), JSON.stringify({ ...list, version: 2, name }));
      await signByBoth(name);
    }
    const imported = await cli(typed`deny import ${at('two.dsse.json')}`, person);
    assert.deepEqual(progressOf(imported).slice(-2), ['1 of 1 host ', '']);
    assert.equal((await cliJson(typed`deny import ${at('three.dsse.json')}`, person)).stderr, '');
  });

  it('removes a list, and says why it is gone', async () => {
    await accepted(typed`deny remove fleet --reason ${'wrong key'}`);
    assert.match(await said(typed`deny show fleet`), /removed[^]*wrong key/);
  });
});
