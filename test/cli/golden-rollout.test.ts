import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootFleet, statements } from '../server/what-if/fleet.ts';
import { propose } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('touchstone golden rollout start, status, advance and roll-back', () => {
  let server: TestServer;
  let world: CliWorld;
  let folder = '';
  let goldenId = '';
  before(async () => {
    server = await startTestServer();
    const { operators } = await bootFleet(server, { old: 1, new: 1 });
    const [kernel] = await statements(server, 'new-1', ['kernel']);
    assert.ok(kernel !== undefined);
    goldenId = (await propose(server, kernel, [operators[0]])).id;
    folder = mkdtempSync(join(tmpdir(), 'touchstone-rollout-'));
    world = operatorAt(server);
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const rollout = (...args: string[]) => cliJson(['golden', 'rollout', ...args], world);
  const write = (text: string): string => {
    writeFileSync(join(folder, 'rollout.yaml'), text);
    return join(folder, 'rollout.yaml');
  };

  it('list nothing before anything was started', async () => {
    assert.equal((await cli(['golden', 'rollout', 'status'], world)).stdout, 'no rollout was started yet\n');
  });

  it('refuse a document that is none, and pass on what the server says of its fields', async () => {
    for (const text of [': [', 'a list of nothing', '- 1']) {
      const { status, document } = await rollout('start', write(text));
      assert.deepEqual([status, document['code']], [1, 'CLI_INPUT_UNRECOGNISED'], text);
    }
    const wrong = await rollout('start', write(`{ name: x, goldens: ['${goldenId}'], stages: [{ share: 0 }] }`));
    assert.deepEqual([wrong.status, wrong.document['code']], [1, 'REQUEST_INVALID']);
  });

  it('say why hosts of the stage are refused', async () => {
    await rollout('start', write(`{ name: all, goldens: ['${goldenId}'], predecessors: [], stages: [{ minimumHosts: 1 }] }`)); // prettier-ignore
    const shown = (await cli(['golden', 'rollout', 'status', 'all'], world)).stdout;
    assert.match(
      shown,
      /^refused +1 in layer kernel, which it brings \(KERNEL_DIVERGED\): new-1; their last attestations were before/m,
    );
    assert.match(
      shown,
      /^refused +1 for something else in layer kernel-command-line \(KERNEL_COMMAND_LINE_DIVERGED\): bad-1$/m,
    );
    await cli(['golden', 'rollout', 'roll-back', 'all', '--reason', 'seen enough', '--yes'], world);
  });

  it('show the stage, and ask before they take anything back', async () => {
    const started = await rollout('start', write(`{ name: x, goldens: ['${goldenId}'], stages: [{ share: 5, minimumHosts: 2 }] }`)); // prettier-ignore
    assert.equal(started.status, 0, started.stderr);
    assert.match((await cli(['golden', 'rollout', 'status'], world)).stdout, /^x +running +1 of 1 +\S+ +operator +1$/m);
    const shown = (await cli(['golden', 'rollout', 'status', 'x'], world)).stdout;
    assert.match(shown, /^stage 1 +5 % of the hosts: needs 2 trusted, has 0: too few, it never advances$/m);
    assert.match(shown, /^waits +sha256:[0-9a-f]{64} lacks signatures of operators$/m);
    assert.match(shown, /^waits +it needs 2 hosts and has 0 in the opened stages, so that it never advances: label/m);
    assert.doesNotMatch(shown, /next step/);
    assert.equal((await rollout('advance', 'x')).document['code'], 'ROLLOUT_NOT_READY');
    assert.doesNotMatch(shown, /^refused/m);
    const resumed = await cli(['golden', 'rollout', 'resume', 'x', '--reason', 'all is well'], world);
    assert.match(resumed.stdout, /^stage +1 of \d+, advanced by evidence$/m);
    const paused = await rollout('pause', 'x', '--reason', 'slow');
    assert.equal((paused.document['rollout'] as { advance: string }).advance, 'operator');
    assert.equal((await rollout('pause', 'x')).status, 2, 'wants a reason');
    const told = (await cli(['golden', 'rollout', 'status', 'x'], world)).stdout;
    assert.match(told, /^paused at \S+ by first operator \(token tok_\S+\): slow$/m);
    await rollout('resume', 'x', '--reason', 'well again');
    assert.doesNotMatch((await cli(['golden', 'rollout', 'status', 'x'], world)).stdout, /paused/);
    assert.equal((await rollout('roll-back', 'x', '--reason', 'disks')).status, 2);
    const back = await cli(['golden', 'rollout', 'roll-back', 'x', '--reason', 'disks', '--yes'], world);
    assert.match(back.stdout, /^state +rolled-back\nwhy +disks$/m);
    assert.match((await cli(['golden', 'show', goldenId], world)).stdout, /^kept back by +rollout x, rolled-back$/m);
    assert.equal((await rollout('status', 'y')).document['code'], 'ROLLOUT_NOT_FOUND');
  });
});
