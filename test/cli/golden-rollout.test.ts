import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attestAll, bootFleet, statements, type Fleet } from '../server/what-if/fleet.ts';
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
    assert.equal(paused.document['changed'], true);
    const again = await cli(['golden', 'rollout', 'pause', 'x', '--reason', 'slow'], world);
    assert.match(again.stdout, /^nothing was changed: it takes no step by itself anyhow: `advance` does$/m);
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

describe('touchstone golden rollout advance', () => {
  let server: TestServer;
  let fleet: Fleet;
  const goldens: string[] = [];
  before(async () => {
    server = await startTestServer();
    fleet = await bootFleet(server, { old: 1, new: 2 });
    const racks = { 'new-1': '1', 'new-2': '2' };
    for (const [hostId, rack] of Object.entries(racks))
      await server.operator.call('setHostLabels', { path: { hostId }, body: { labels: { rack } } });
    const drafts = await statements(server, 'new-1', ['kernel', 'initrd']);
    const stages = Object.values(racks).map((rack) => ({ labels: { rack }, minimumHosts: 1 }));
    for (const draft of drafts) goldens.push((await propose(server, draft, [fleet.operators[0]])).id);
    await server.operator.call('startRollout', { body: { name: 'k', goldens, predecessors: [], stages } });
    for (const draft of drafts) await propose(server, draft, fleet.operators);
  });
  after(() => server.close());

  const advance = async (trusted: string): Promise<string> => {
    await attestAll({ members: fleet.members.filter(({ host }) => host.name === trusted) });
    const { status, stdout, stderr } = await cli(['golden', 'rollout', 'advance', 'k'], operatorAt(server));
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const reached = '  (of the hosts that this step reached: those of the stages before had it already)';

  it('says when those hosts feel it that the step reached, and leaves out whom the stages before had', async () => {
    const second = await advance('new-1');
    assert.match(
      second,
      /^hosts feel it by their next attestation:\n {2}1 host not trusted now: the last is due by \S+$/m,
    );
    assert.ok(second.includes(reached), second);
    const widened = await advance('new-2');
    assert.match(widened, /^state +widened$/m);
    assert.match(widened, /^ {2}1 host trusted now: .*\n {2}2 hosts not trusted now: /m);
    assert.ok(widened.includes(reached), widened);
    assert.match(widened, /^stage +all hosts, advanced by operators$/m);
  });

  it('says before a rollback who would lose trust by it, and changes nothing by a trial run', async () => {
    const back = ['golden', 'rollout', 'roll-back', 'k', '--reason', 'disks'];
    const dry = await cli([...back, '--dry-run'], operatorAt(server));
    assert.equal(dry.status, 0, dry.stderr);
    assert.match(dry.stdout, /^its golden measurements match no host any more; /m);
    assert.match(dry.stdout, /^2 would lose trust\n[^]*hosts +new-1, new-2$/m);
    const no = await cli(back, { ...operatorAt(server), isTTY: true, typed: 'n\n' });
    assert.match(no.stderr, /2 would lose trust[^]*roll k back\? \[y\/N\] /);
    assert.equal((await server.operator.call('getRollout', { path: { rolloutName: 'k' } })).state, 'widened');
  });

  it('says of a rollback that it is taken from all, where all had it', async () => {
    const back = ['golden', 'rollout', 'roll-back', 'k', '--reason', 'disks', '--yes'];
    const { document } = await cliJson(back, operatorAt(server));
    const { trusted, untrusted } = document['nextAttestations'] as Record<string, { hosts: number }>;
    assert.deepEqual([trusted?.hosts, untrusted?.hosts], [3, 2]);
  });

  it('is brought again at once by another rollout, which is proved by what hosts attest from then on', async () => {
    server.advance(1);
    const stages = [{ labels: { rack: '1' }, minimumHosts: 1 }];
    await server.operator.call('startRollout', { body: { name: 'k1', goldens, predecessors: [], stages } });
    const provedOf = async () => {
      const { progress } = await server.operator.call('getRollout', { path: { rolloutName: 'k1' } });
      return [progress?.hosts, progress?.proved];
    };
    assert.deepEqual(await provedOf(), [1, 0], 'the verdict from before proves nothing');
    await attestAll({ members: fleet.members.filter(({ host }) => host.name === 'new-1') });
    assert.deepEqual(await provedOf(), [1, 1]);
    const { status } = await cliJson(
      ['golden', 'rollout', 'roll-back', 'k1', '--reason', 'x', '--yes'],
      operatorAt(server),
    );
    assert.equal(status, 0);
    const over = await cliJson(
      ['golden', 'rollout', 'roll-back', 'k1', '--reason', 'x', '--dry-run'],
      operatorAt(server),
    );
    assert.deepEqual([over.status, over.document['code']], [1, 'ROLLOUT_ENDED']);
  });

  it('names what tells which hosts its last step waits for', async () => {
    const { items } = await server.operator.call('listGoldenMeasurements', { query: { limit: 200 } });
    const old = items.find(({ id, layer }) => layer === 'kernel' && !goldens.includes(id))?.id ?? '';
    const stages = [{ labels: { rack: '1' }, minimumHosts: 1 }];
    await server.operator.call('startRollout', { body: { name: 'k3', goldens, predecessors: [old], stages } });
    await attestAll(fleet);
    const { stdout } = await cli(['golden', 'rollout', 'advance', 'k3'], operatorAt(server));
    assert.match(
      stdout,
      new RegExp(`^waits +\\d hosts? still rests? on ${old}\nwho +.touchstone what-if --retire ${old}.$`, 'm'),
    );
    await cli(['golden', 'rollout', 'roll-back', 'k3', '--reason', 'x', '--yes'], operatorAt(server));
  });

  it('says that no host feels it, when its last step retires what nobody rests on', async () => {
    const stages = [{ labels: { rack: '1' }, minimumHosts: 1 }];
    server.advance(3600);
    await attestAll(fleet);
    await server.operator.call('startRollout', { body: { name: 'k2', goldens, predecessors: [], stages } });
    await attestAll(fleet);
    for (const state of ['widened', 'completed']) {
      const { stdout } = await cli(['golden', 'rollout', 'advance', 'k2'], operatorAt(server));
      assert.match(stdout, new RegExp(`^state +${state}$`, 'm'));
      assert.match(stdout, /^predecessor +none: what hosts boot now stays accepted beside it$/m);
      assert.equal(/^next step +ends the rollout: /m.test(stdout), state === 'widened', stdout);
      assert.equal(/^no host feels it: nothing was to be retired$/m.test(stdout), state === 'completed', stdout);
    }
  });
});
