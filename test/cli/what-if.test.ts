import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBase64 } from '../../src/core/encoding/index.ts';
import { bootFleet, statements, type Fleet } from '../server/what-if/fleet.ts';
import { bootLayers } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('touchstone what-if', () => {
  let server: TestServer;
  let fleet: Fleet;
  let folder = '';
  let world: CliWorld;
  before(async () => {
    server = await startTestServer();
    fleet = await bootFleet(server, { old: 9, new: 2 });
    folder = mkdtempSync(join(tmpdir(), 'touchstone-what-if-'));
    world = operatorAt(server);
    for (const [index, { payload }] of (await statements(server, 'new-1', ['kernel', 'initrd'])).entries()) {
      writeFileSync(join(folder, `${index}.statement.json`), decodeBase64(payload));
    }
    writeFileSync(join(folder, 'whole.yaml'), `id: fleet\nlayers: [${bootLayers.join(', ')}]\nhosts: { all: true }\n`);
    writeFileSync(join(folder, 'fleet.yaml'), 'id: fleet\nlayers: [firmware]\nhosts: { all: true }\n');
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const drafts = (): string[] => [0, 1].flatMap((index) => ['--activate', join(folder, `${index}.statement.json`)]);

  it('reads as a few lines: who, how many, why, and which hosts', async () => {
    const { status, stdout, stderr } = await cli(['what-if', ...drafts(), '--retire', fleet.goldens[0] ?? ''], world);
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
    assert.match(stdout, /^13 hosts, asked about .*; nothing was changed$/m);
    const id = (fleet.goldens[0] ?? '').slice(0, 23);
    const because = `golden measurement firmware layer \\(${id}\\) would match no host any more; nothing else in force matches what these hosts booted \\(layer firmware\\)`;
    assert.match(
      stdout,
      new RegExp(`^9 would lose trust\n  because +${because}\n  refused as +LAYER_GOLDEN_NONE\n`, 'm'),
    );
    assert.match(stdout, /hosts +old-1, old-2, .*old-8 and 1 more$/m);
    assert.match(stdout, /^1 unknown \(HOST_EVIDENCE_NONE\): mute-1$/m);
  });

  it('says of today who is refused and why, where nothing is to change', async () => {
    const { status, stdout } = await cli(['what-if', '--at', 'now'], world);
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^13 hosts, asked about ${server.now().toISOString()}; nothing was changed$`, 'm'));
    assert.match(stdout, /^2 would stay refused\n {2}because +KERNEL_DIVERGED/m);
    assert.match(stdout, /^9 would stay trusted$/m);
    const { status: misuse, stderr } = await cli(['what-if', '--max-flips', '0'], world);
    assert.equal(misuse, 2, 'a pipeline whose change is empty is told so');
    assert.match(stderr, /--at now/);
  });

  it('says that a time is over, of which nobody can be told what was in force then', async () => {
    const { stdout } = await cli(['what-if', '--at', '2020-01-01'], world);
    assert.match(stdout, /^2020-01-01T00:00:00\.000Z is over: what is in force now is held against that time/);
    let asked = 0;
    const ticking = { ...world, now: () => new Date(server.now().getTime() + 1000 * asked++) };
    assert.doesNotMatch((await cli(['what-if', '--at', 'now'], ticking)).stdout, /is over/);
    assert.doesNotMatch((await cli(['what-if', '--at', '2031-01-01'], world)).stdout, /is over/);
  });

  it('is named by the list of hosts, which counts them and shows those of one status', async () => {
    const all = await cli(['host', 'list'], world);
    const counts = '13 hosts: 9 affirming, 3 contraindicated, 1 none. Why, in groups: `touchstone what-if --at now`';
    assert.equal(all.stdout.trimEnd().split('\n').at(-1), counts);
    const refused = await cliJson(['host', 'list', '--status', 'contraindicated'], world);
    assert.deepEqual(
      (refused.document['items'] as { id: string }[]).map(({ id }) => id),
      ['bad-1', 'new-1', 'new-2'],
    );
    assert.equal((await cli(['host', 'list', '--status', 'bad'], world)).status, 2);
  });

  it('takes drafts, stored ids, policies, labels and dates, and prints one document', async () => {
    const gained = await cliJson(['what-if', ...drafts()], world);
    assert.deepEqual([gained.status, gained.document['gained'], gained.document['lost']], [0, 2, 0]);
    const revoked = await cliJson(['what-if', '--revoke', fleet.goldens[0] ?? ''], world);
    assert.equal(revoked.document['lost'], 9);
    const policy = await cliJson(['what-if', '--policy', join(folder, 'fleet.yaml')], world);
    assert.equal(policy.document['gained'], 3);
    const label = await cliJson(['what-if', ...drafts(), '--label', 'rack=3'], world);
    assert.equal(label.document['hosts'], 0);
    const later = await cliJson(['what-if', '--at', '2030-01-01'], world);
    assert.deepEqual([later.document['lost'], later.document['at']], [0, '2030-01-01T00:00:00.000Z']);
  });

  it('sends nobody to hosts that did not change, and does where they did', async () => {
    const kernel = fleet.goldens[bootLayers.indexOf('kernel')] ?? '';
    const change = ['what-if', ...drafts(), '--revoke', kernel];
    const { stdout } = await cli(change, world);
    const [lost = ''] = stdout.split('\n\n').filter((block) => block.startsWith('9 would lose trust'));
    assert.match(lost, new RegExp(`because +golden measurement kernel layer \\(${kernel.slice(0, 23)}\\) would be revoked; nothing`)); // prettier-ignore
    assert.doesNotMatch(lost, /replaced|expected|observed/);
    const { document } = await cliJson(change, world);
    const [group] = document['groups'] as { reason?: { code: string }; ended?: unknown }[];
    assert.equal(group?.reason?.code, 'KERNEL_DIVERGED');
    assert.deepEqual(group.ended, [{ goldenId: kernel, layer: 'kernel', name: 'kernel layer', end: 'revoked' }]);
    const drifted = await cli(['what-if', '--policy', join(folder, 'whole.yaml')], world);
    assert.match(drifted.stdout, /^2 would stay refused\n  because +KERNEL_DIVERGED: The kernel was replaced.*\n  expected +.*\n  observed +/m); // prettier-ignore
  });

  it('says how many hosts fall under a policy of the change', async () => {
    const wide = join(folder, 'wide.yaml');
    writeFileSync(wide, 'id: wide\nlayers: [firmware]\nhosts: { all: true }\n');
    const { stdout } = await cli(['what-if', '--policy', join(folder, 'fleet.yaml'), '--policy', wide], world);
    assert.match(stdout, /^13 of them under the policy fleet$/m);
    assert.match(stdout, /^0 of them under the policy wide: none is selected, or a more specific policy wins$/m);
  });

  it('shows progress to people only, on standard error', async () => {
    const { stderr, stdout } = await cli(['what-if', ...drafts()], { ...world, isTTY: true });
    assert.ok(stderr.endsWith('\r\u001b[K'));
    assert.doesNotMatch(stdout, /\r/);
    assert.equal((await cli(['what-if', ...drafts(), '--json'], { ...world, isTTY: true })).stderr, '');
  });

  it('refuses more flips than allowed, here and where the change would be made', async () => {
    const asked = await cliJson(['what-if', ...drafts(), '--max-flips', '1'], world);
    assert.deepEqual([asked.status, asked.document['code'], asked.document['gained']], [1, 'CLI_FLIPS_TOO_MANY', 2]);
    assert.equal((await cliJson(['what-if', ...drafts(), '--max-flips', '2'], world)).status, 0);
    const applied = await cliJson(['policy', 'apply', join(folder, 'fleet.yaml'), '--max-flips', '2'], world);
    assert.deepEqual([applied.status, applied.document['code']], [1, 'CHANGE_FLIPS_TOO_MANY']);
  });

  it('is misused without a change, with labels that are none, and passes on what the server refuses', async () => {
    for (const args of [[], ['--label', 'rack'], ['--max-flips', 'x'], ['--policy', join(folder, 'absent.yaml')]]) {
      assert.equal((await cliJson(['what-if', ...args], world)).status, 2, args.join(' '));
    }
    const unknown = await cliJson(['what-if', '--retire', `sha256:${'0'.repeat(64)}`], world);
    assert.deepEqual([unknown.status, unknown.document['code']], [1, 'GOLDEN_MEASUREMENT_NOT_FOUND']);
  });
});
