// Break-glass by command line alone, as two operators use it.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { attest, enrol, paperHost } from '../support/paper-story.ts';
import type { TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, typed, type CliWorld } from './cli-run.ts';
import { openOperatorsWorld, type OperatorsWorld } from './operators-world.ts';

describe('break-glass from the command line', () => {
  let server: TestServer;
  let world: CliWorld;
  let at: OperatorsWorld['at'];
  let close: OperatorsWorld['close'];
  before(async () => {
    ({ server, world, at, close } = await openOperatorsWorld());
    const refused = paperHost('hv-2', { tampering: ['changed-kernel'] });
    await attest(await enrol(server, refused), refused);
    const insecure = paperHost('hv-3', { tampering: ['secure-boot-disabled'] });
    await attest(await enrol(server, insecure), insecure);
    for (const hostId of ['hv-1', 'hv-2', 'hv-3']) {
      await server.operator.call('setHostLabels', { path: { hostId }, body: { labels: { rack: '3' } } });
    }
  });
  after(() => close());

  const accepted = (words: readonly string[]) => cliAccepted(['break-glass', ...words], world);
  const said = async (words: readonly string[]) => (await cli(words, world)).stdout;
  const statusOf = async (words: readonly string[]) => (await cli(words, world)).status;
  const refused = async (code: string, words: readonly string[]) => {
    const run = await cliJson(['break-glass', ...words], world);
    assert.deepEqual([run.status, run.document['code']], [1, code]);
    return String(run.document['message']);
  };
  const why = ['--for', '2h', '--reason', 'kernel hotfix', '--ticket', 'INC-4711'];

  it('proposes the boots that it can help, and says whom it left out and why', async () => {
    const name = ['--out', at('none.json'), ...why];
    assert.match(
      await refused('CLI_BREAK_GLASS_UNFIT', [...typed`propose --host hv-1`, ...name]),
      /^hv-1: refused by nothing/,
    );
    assert.match(
      await refused('CLI_BREAK_GLASS_UNFIT', [...typed`propose --host hv-2,hv-3`, ...name]),
      /hv-3: refused for SECURE_BOOT_DIVERGED, which nobody may excuse/,
    );
    assert.equal(
      await refused('CLI_BREAK_GLASS_UNFIT', [...typed`propose --label rack=9`, ...name]),
      'no host has these labels',
    );
    const tooLong = [...typed`propose --host hv-2 --out ${at('long.json')}`, ...why, '--for', '25h'];
    assert.equal(
      await refused('CLI_BREAK_GLASS_TOO_LONG', tooLong),
      '90000 s are asked for, and the server takes 86400 s at most',
    );
    assert.ok(!existsSync(at('long.json')));
    await refused('HOST_NOT_FOUND', [...typed`propose --host hv-9`, ...name]);
    assert.equal(await statusOf([...typed`break-glass propose`, ...name]), 2);
    const proposed = await accepted([...typed`propose --label rack=3 --out ${at('rack.json')}`, ...why]);
    assert.deepEqual([proposed['hosts'], proposed['excuses']], [['hv-2'], ['KERNEL_DIVERGED']]);
    assert.deepEqual(
      (proposed['leftOut'] as { host: string }[]).map(({ host }) => host),
      ['hv-1', 'hv-3'],
    );
  });

  it('shows what is to be signed, and is in force with the signatures of a quorum', async () => {
    await accepted([...typed`propose --host hv-2 --out ${at('hv-2.json')}`, ...why]);
    const declines = { ...world, isTTY: true, typed: 'n\n' };
    const asked = await cli(typed`break-glass sign ${at('hv-2.json')} --key ${at('alice.key')}`, declines);
    assert.match(
      asked.stderr,
      /until +2026-\S+\nbecause +kernel hotfix \(INC-4711\)\nexcuses +KERNEL_DIVERGED\nhost +hv-2, affirming/,
    );
    assert.equal(asked.status, 2);
    await accepted(typed`sign ${at('hv-2.json')} --key ${at('alice.key')} --yes`);
    await refused('BREAK_GLASS_QUORUM_NOT_REACHED', typed`submit ${at('hv-2.dsse.json')}`);
    const signed = await accepted(typed`sign ${at('hv-2.dsse.json')} --key ${at('bob.key')} --yes`);
    assert.equal(signed['signatures'], 2);
    assert.match(
      await said(typed`break-glass submit ${at('hv-2.dsse.json')}`),
      /state +in-force[^]*until +2026-\S+ \(2 h 0 min left\)\nbecause +kernel hotfix \(INC-4711\)[^]*signed by +alice, bob[^]*hv-2 +yes/,
    );
  });

  it('is shown wherever the host is, and counts for nobody who refuses it', async () => {
    const ground =
      /\nbreak-glass +until 2026-\S+ \(2 h 0 min left\), by alice, bob: kernel hotfix \(INC-4711\)\nstatement +sha256:/;
    assert.match(await said(typed`admit hv-2`), ground);
    assert.match(await said(typed`host show hv-2`), ground);
    assert.match(
      await said(typed`host explain hv-2`),
      /hv-2 is affirming\n {2}break-glass +until 2026-[^]*KERNEL_DIVERGED/,
    );
    assert.match(await said(typed`host list`), /hv-2 +fresh +affirming \(break-glass\)/);
    assert.equal(await statusOf(typed`admit hv-2 --refuse-held`), 1);
    assert.match(await said(typed`break-glass show ${await idOfStatement()}`), /in-force[^]*hv-2 +yes/);
  });

  it('is shown of a decision whose token is verified offline', async () => {
    const { token } = await server.operator.call('createAdmissionDecision', { body: { host: 'hv-2' } });
    writeFileSync(at('decision.jwt'), token);
    writeFileSync(at('jwks.json'), JSON.stringify(await server.operator.call('getJwks', {})));
    const expected = typed`--issuer test.example --audience touchstone:admission --host hv-2`;
    assert.match(
      await said([...typed`verify token ${at('decision.jwt')} --jwks ${at('jwks.json')}`, ...expected]),
      /break-glass +until 2026-\S+, by alice, bob: kernel hotfix \(INC-4711, sha256:/,
    );
  });

  it('does not make the token of another host one of this host', async () => {
    const [token, keys] = [at('verdict.jwt'), at('jwks.json')];
    await said(typed`host token hv-2 --out ${token}`);
    assert.match(await said(typed`verify token ${token} --jwks ${keys} --host hv-2`), /genuine/);
    assert.equal(await statusOf(typed`verify token ${token} --jwks ${keys} --host hv-1`), 1);
  });

  it('is ended by its id or the beginning of it, once and for good', async () => {
    const id = await idOfStatement();
    await accepted(typed`end ${id} --reason ${'golden measurements are active'}`);
    assert.match(
      await said(typed`break-glass show ${id}`),
      /state +ended[^]*ended +2026-\S+ by .*: golden measurements are active[^]*hv-2 +no +the statement is ended/,
    );
    assert.equal(await statusOf(typed`admit hv-2`), 1);
    await refused('BREAK_GLASS_ENDED', typed`end ${id} --reason x`);
    assert.match(await said(typed`break-glass show ${id.slice(0, 19)}`), /state +ended/);
    const other = `sha256:${id.startsWith('sha256:0000') ? 'f' : '0'}0000000`;
    await refused('CLI_ID_UNKNOWN', typed`end ${other} --reason x`);
    assert.equal(await statusOf(typed`break-glass end sha256:1 --reason x`), 2);
  });

  /** Of the one statement that is in force. */
  async function idOfStatement(): Promise<string> {
    const [, id = ''] = /(sha256:[0-9a-f]{16}) +in-force +1/.exec(await said(typed`break-glass list`)) ?? [];
    return id;
  }
});
