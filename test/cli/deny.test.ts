// Deny lists by command line alone, as two operators use them.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { encodeHex } from '../../src/core/encoding/index.ts';
import { hash } from '../../src/core/crypto/index.ts';
import { authority } from '../support/paper-story.ts';
import { testStart } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, type CliWorld } from './cli-run.ts';
import { openOperatorsWorld, type OperatorsWorld } from './operators-world.ts';

describe('deny lists from the command line', () => {
  let world: CliWorld;
  let at: OperatorsWorld['at'];
  let close: OperatorsWorld['close'];
  before(async () => {
    ({ world, at, close } = await openOperatorsWorld());
  });
  after(() => close());

  const accepted = (...args: string[]) => cliAccepted(args, world);
  const refused = async (code: string, ...args: string[]) => {
    const run = await cliJson(args, world);
    assert.deepEqual([run.status, run.document['code']], [1, code]);
  };

  it('asks, signs, predicts, imports, shows and removes', async () => {
    const root = encodeHex(hash('sha256', authority.rootCertificate));
    const entry = { id: 'root', reason: 'key stolen', denies: { endorsement: root } };
    const list = { name: 'fleet', version: 1, issuedAt: testStart.toISOString(), entries: [entry] };
    writeFileSync(at('fleet.json'), JSON.stringify({ _type: 'https://touchstone.dev/deny-list/v1', ...list }));
    assert.match((await cli(['deny', 'hosts', at('fleet.json')], world)).stdout, /1 of 1 host[^]*key stolen[^]*hv-1/);
    assert.match((await cli(['deny', 'hosts', '--sbat', 'shim,1'], world)).stdout, /^1 of 1 host\n|^none of 1 host/);
    assert.equal((await accepted('deny', 'hosts', '--digest', `sha256:${'0'.repeat(64)}`))['denied'], 0);
    await refused('DENY_LIST_INVALID', 'deny', 'hosts', '--digest', 'md5:00');
    for (const wrong of [[], ['--digest', '0'.repeat(64)], ['--sbat', 'shim']]) {
      assert.equal((await cli(['deny', 'hosts', ...wrong], world)).status, 2);
    }

    await accepted('deny', 'sign', at('fleet.json'), '--key', at('alice.key'), '--yes');
    await refused('DENY_LIST_QUORUM_NOT_REACHED', 'deny', 'import', at('fleet.dsse.json'));
    await accepted('deny', 'sign', at('fleet.dsse.json'), '--key', at('bob.key'), '--yes');
    assert.equal((await accepted('what-if', '--deny', at('fleet.dsse.json')))['lost'], 1);
    await refused('CHANGE_FLIPS_TOO_MANY', 'deny', 'import', at('fleet.dsse.json'), '--max-flips', '0');
    const twice = await cliJson(['deny', 'import', at('fleet.dsse.json'), at('fleet.dsse.json'), '--max-flips', '1'], world); // prettier-ignore
    assert.deepEqual(
      [twice.status, twice.document['code']],
      [1, 'DENY_LIST_OUTDATED'],
      'the first is in force, the second is the same',
    );
    assert.match(String(twice.document['message']), /fleet\.dsse\.json: /);
    assert.deepEqual((twice.document['items'] as { hosts: number }[]).map(({ hosts }) => hosts), [1]); // prettier-ignore
    await refused('DENY_LIST_OUTDATED', 'deny', 'import', at('fleet.dsse.json'));
    assert.match((await cli(['deny', 'list'], world)).stdout, /fleet +1 +in-force +1/);
    assert.match((await cli(['deny', 'show', 'fleet'], world)).stdout, /root +endorsement[^]*key stolen/);
    assert.equal((await accepted('deny', 'hosts', 'fleet'))['denied'], 1);
    const shown = await cli(['deny', 'hosts', 'fleet'], { ...world, isTTY: true });
    const partsOf = ({ stderr }: { readonly stderr: string }) => stderr.split('\r\u001b[K');
    assert.deepEqual(partsOf(shown).slice(-2), ['1 of 1 host ', ''], 'progress, to people alone');
    assert.equal((await cliJson(['deny', 'hosts', 'fleet'], { ...world, isTTY: true })).stderr, '');
    const next = { ...list, version: 2 };
    for (const name of ['two', 'three']) {
      writeFileSync(
        at(`${name}.json`),
        JSON.stringify({ _type: 'https://touchstone.dev/deny-list/v1', ...next, name }),
      );
      await accepted('deny', 'sign', at(`${name}.json`), '--key', at('alice.key'), '--yes');
      await accepted('deny', 'sign', at(`${name}.dsse.json`), '--key', at('bob.key'), '--yes');
    }
    const imported = await cli(['deny', 'import', at('two.dsse.json')], { ...world, isTTY: true });
    assert.deepEqual(partsOf(imported).slice(-2), ['1 of 1 host ', '']);
    assert.equal((await cliJson(['deny', 'import', at('three.dsse.json')], { ...world, isTTY: true })).stderr, '');
    await accepted('deny', 'remove', 'fleet', '--reason', 'wrong key');
    assert.match((await cli(['deny', 'show', 'fleet'], world)).stdout, /removed[^]*wrong key/);
    await refused('DENY_LIST_NOT_FOUND', 'deny', 'show', 'other');
  });
});
