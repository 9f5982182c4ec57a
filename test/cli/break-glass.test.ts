// Break-glass by command line alone, as two operators use it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { attest, enrol, paperHost } from '../support/paper-story.ts';
import type { TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, type CliWorld } from './cli-run.ts';
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

  const accepted = (...args: string[]) => cliAccepted(['break-glass', ...args], world);
  const said = async (...args: string[]) => (await cli(args, world)).stdout;
  const refused = async (code: string, ...args: string[]) => {
    const run = await cliJson(['break-glass', ...args], world);
    assert.deepEqual([run.status, run.document['code']], [1, code]);
    return String(run.document['message']);
  };
  const why = ['--for', '2h', '--reason', 'kernel hotfix', '--ticket', 'INC-4711'];

  it('proposes the boots that it can help, and says whom it left out and why', async () => {
    const name = ['--out', at('none.json'), ...why];
    assert.match(
      await refused('CLI_BREAK_GLASS_UNFIT', 'propose', '--host', 'hv-1', ...name),
      /^hv-1: refused by nothing/,
    );
    assert.match(
      await refused('CLI_BREAK_GLASS_UNFIT', 'propose', '--host', 'hv-2,hv-3', ...name),
      /hv-3: refused for SECURE_BOOT_DIVERGED, which nobody may excuse/,
    );
    assert.equal(
      await refused('CLI_BREAK_GLASS_UNFIT', 'propose', '--label', 'rack=9', ...name),
      'no host has these labels',
    );
    await refused('HOST_NOT_FOUND', 'propose', '--host', 'hv-9', ...name);
    assert.equal((await cli(['break-glass', 'propose', ...name], world)).status, 2);
    const { hosts, excuses, leftOut } = await accepted(
      'propose',
      '--label',
      'rack=3',
      '--out',
      at('rack.json'),
      ...why,
    );
    assert.deepEqual([hosts, excuses], [['hv-2'], ['KERNEL_DIVERGED']]);
    assert.deepEqual(
      (leftOut as { host: string }[]).map(({ host }) => host),
      ['hv-1', 'hv-3'],
    );
  });

  it('signs, submits, shows it everywhere, and ends it', async () => {
    await accepted('propose', '--host', 'hv-2', '--out', at('hv-2.json'), ...why);
    const asked = await cli(['break-glass', 'sign', at('hv-2.json'), '--key', at('alice.key')], {
      ...world,
      isTTY: true,
      typed: 'n\n',
    });
    assert.match(
      asked.stderr,
      /until +2026-\S+\nbecause +kernel hotfix \(INC-4711\)\nexcuses +KERNEL_DIVERGED\nhost +hv-2, affirming/,
    );
    assert.equal(asked.status, 2);
    await accepted('sign', at('hv-2.json'), '--key', at('alice.key'), '--yes');
    await refused('BREAK_GLASS_QUORUM_NOT_REACHED', 'submit', at('hv-2.dsse.json'));
    assert.equal((await accepted('sign', at('hv-2.dsse.json'), '--key', at('bob.key'), '--yes'))['signatures'], 2);
    assert.match(
      await said('break-glass', 'submit', at('hv-2.dsse.json')),
      /state +in-force[^]*until +2026-\S+ \(2 h 0 min left\)\nbecause +kernel hotfix \(INC-4711\)[^]*signed by +alice, bob[^]*hv-2 +yes/,
    );
    const ground =
      /\nbreak-glass +until 2026-\S+ \(2 h 0 min left\), by alice, bob: kernel hotfix \(INC-4711\)\nstatement +sha256:/;
    assert.match(await said('admit', 'hv-2'), ground);
    assert.match(await said('host', 'show', 'hv-2'), ground);
    assert.match(
      await said('host', 'explain', 'hv-2'),
      /hv-2 is affirming\n {2}break-glass +until 2026-[^]*KERNEL_DIVERGED/,
    );
    assert.match(await said('host', 'list'), /hv-2 +fresh +affirming \(break-glass\)/);
    assert.equal((await cli(['admit', 'hv-2', '--refuse-held'], world)).status, 1);
    const [, id = ''] = /(sha256:[0-9a-f]{64}) +in-force +1/.exec(await said('break-glass', 'list')) ?? [];
    assert.match(await said('break-glass', 'show', id), /in-force[^]*hv-2 +yes/);

    const { token } = await server.operator.call('createAdmissionDecision', { body: { host: 'hv-2' } });
    writeFileSync(at('decision.jwt'), token);
    writeFileSync(at('jwks.json'), JSON.stringify(await server.operator.call('getJwks', {})));
    const expected = ['--issuer', 'test.example', '--audience', 'touchstone:admission', '--host', 'hv-2'];
    assert.match(
      await said('verify', 'token', at('decision.jwt'), '--jwks', at('jwks.json'), ...expected),
      /break-glass +until 2026-\S+, by alice, bob: kernel hotfix \(INC-4711, sha256:/,
    );

    await accepted('end', id, '--reason', 'golden measurements are active');
    assert.match(
      await said('break-glass', 'show', id),
      /state +ended[^]*ended +2026-\S+ by .*: golden measurements are active/,
    );
    assert.equal((await cli(['admit', 'hv-2'], world)).status, 1);
    await refused('BREAK_GLASS_ENDED', 'end', id, '--reason', 'x');
    assert.match(await said('break-glass', 'show', id.slice(0, 19)), /state +ended/);
    await refused(
      'CLI_ID_UNKNOWN',
      'end',
      `sha256:${id.startsWith('sha256:0000') ? 'f' : '0'}0000000`,
      '--reason',
      'x',
    );
    assert.equal((await cli(['break-glass', 'end', 'sha256:1', '--reason', 'x'], world)).status, 2);
  });
});
