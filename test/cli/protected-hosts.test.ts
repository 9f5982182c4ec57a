// Protected hosts by command line: what an operator reads who is about to lose one.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootFleet, type Fleet } from '../server/what-if/fleet.ts';
import { bootLayers } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('protected hosts by command line', () => {
  let server: TestServer;
  let fleet: Fleet;
  let kernel = '';
  let folder = '';
  let world: CliWorld;
  before(async () => {
    const lockout = { sharePercent: 20, leastHosts: 1, protected: [{ names: ['old-1', 'old-2'] }] };
    server = await startTestServer({ settings: { lockout } });
    fleet = await bootFleet(server, { old: 3, new: 1 });
    kernel = fleet.goldens[bootLayers.indexOf('kernel')] ?? '';
    folder = mkdtempSync(join(tmpdir(), 'touchstone-protected-'));
    world = operatorAt(server);
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const end = (verb: string, ...more: string[]) => ['golden', verb, kernel, '--reason', 'old', '--yes', ...more];

  it('says on one screen whom a change would lose, why, and what to do', async () => {
    const { status, stdout, stderr } = await cli(end('retire'), world);
    assert.deepEqual([status, stdout], [1, '']);
    const short = kernel.slice(0, 23);
    assert.equal(
      stderr,
      `2 protected hosts would lose trust: old-1, old-2
  because  LAYER_GOLDEN_NONE: the change ends ${short}, and no other golden measurement accepts the kernel that it booted
  remedy   Have the kernel that it shall boot approved and let it boot that; then end ${short}.

error CHANGE_LOSES_PROTECTED: 2 protected hosts would lose trust by it: old-1, old-2; nothing was changed
hint: Do first what each of them needs, or leave it out of the change. To lose them knowingly, as one that was compromised: \`--include-protected\` (API: \`includeProtected=true\`).
`,
    );
    const { document } = await cliJson(end('revoke'), world);
    const named = document['protectedHosts'] as readonly { readonly host: string }[];
    assert.deepEqual([document['ok'], document['code'], named.map(({ host }) => host)], [false, 'CHANGE_LOSES_PROTECTED', ['old-1', 'old-2']]); // prettier-ignore
  });

  it('refuses a flag that is spelt wrong before anything is asked', async () => {
    const { status, stderr } = await cli(end('revoke', '--include-protect'), world);
    assert.equal(status, 2);
    assert.match(stderr, /Did you mean --include-protected/);
  });

  it('refuses a folder as a whole that ends what they rest on', async () => {
    writeFileSync(join(folder, 'ended.yaml'), `- id: ${kernel}\n  state: retired\n  reason: old\n`);
    const { status, stderr } = await cli(['golden', 'sync', folder, '--yes'], world);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^2 protected hosts would lose trust: old-1, old-2$/m);
    assert.match(stderr, /CHANGE_LOSES_PROTECTED: .*: nothing was done$/m);
  });

  it('is told by what-if, with what lockout protection would hold of it', async () => {
    const { status, stdout } = await cli(['what-if', '--retire', kernel], world);
    assert.equal(status, 0);
    assert.match(stdout, /^2 protected hosts would lose trust: old-1, old-2$/m);
    assert.match(stdout, /^ {2}the change is refused because of them, unless it is made with --include-protected$/m);
    assert.match(stdout, /^lockout protection would hold 3 of them, until 2026-\S+ at most/m);
    const { document } = await cliJson(['what-if', '--retire', kernel], world);
    assert.equal((document['lockout'] as { readonly outcome: string }).outcome, 'begins');
    assert.doesNotMatch((await cli(['what-if', '--revoke', kernel], world)).stdout, /lockout protection/);
  });

  it('shows who is protected where hosts are shown, and in previews', async () => {
    assert.match((await cli(['host', 'list'], world)).stdout, /^old-1 +fresh \(protected\) +affirming/m);
    assert.match(
      (await cli(['host', 'show', 'old-1'], world)).stdout,
      /^protected +changes that would lose it are refused/m,
    );
    const preview = await cli(['quarantine', 'open', '--all-hosts', '--reason', 'x', '--dry-run'], world);
    assert.match(preview.stdout, /^old-2 .*protected: refused without --include-protected$/m);
    const denied = await cli(['deny', 'hosts', '--golden', kernel], world);
    assert.match(denied.stdout, /^protected, so `deny import` wants --include-protected: old-1, old-2$/m);
    const open = await cli(['quarantine', 'open', '--all-hosts', '--reason', 'x'], world);
    assert.match(open.stderr, /^2 protected hosts would lose trust: old-1, old-2\n {2}because +HOST_QUARANTINED/m);
  });

  it('are lost by whoever says so', async () => {
    const { status, stdout } = await cli(end('revoke', '--include-protected'), world);
    assert.deepEqual([status, /revoked/.test(stdout)], [0, true]);
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    const entry = items.find(({ action }) => action === 'golden.revoked');
    assert.deepEqual(entry?.details['protectedHosts'], ['old-1', 'old-2']);
  });
});
