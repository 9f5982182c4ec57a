import assert from 'node:assert/strict';
import type { components } from '../../../src/api/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import { advanceByEvidence } from '../../../src/server/rollout/rollout.ts';
import type { RolloutRecord } from '../../../src/server/storage/index.ts';
import { authority, propose } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { auditDraft } from '../../support/stored-records.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { attestAll, bootFleet, statements, trusted, whatIf, type Fleet } from '../what-if/fleet.ts';

type Schemas = components['schemas'];

describe('staged rollouts', function () {
  let server: TestServer;
  let fleet: Fleet;
  let goldens: readonly string[];
  beforeEach(async () => {
    server = await startTestServer();
    fleet = await bootFleet(server, { old: 2, new: 3 });
    const label = { path: { hostId: 'new-1' }, body: { labels: { canary: 'yes' } } };
    await server.operator.call('setHostLabels', label);
    goldens = await proposeNew([fleet.operators[0]]);
  });
  afterEach(() => server.close());

  async function proposeNew(operators: Fleet['operators'][number][]): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const statement of await statements(server, 'new-1', ['kernel', 'initrd'])) {
      ids.push((await propose(server, statement, operators)).id);
    }
    return ids;
  }
  const canary = { labels: { canary: 'yes' }, minimumHosts: 1, minimumSeconds: 3600 };
  const everybody = { minimumHosts: 3 };
  const start = (more: Partial<Schemas['RolloutRequest']> = {}): Promise<Schemas['Rollout']> => {
    const body = { name: 'kernel-57', goldens: [...goldens], stages: [canary, everybody], ...more };
    return server.operator.call('startRollout', { body });
  };
  const path = { rolloutName: 'kernel-57' };
  const advance = () => server.operator.call('advanceRollout', { path });
  const status = () => server.operator.call('getRollout', { path });
  const rollBack = () => server.operator.call('rollBackRollout', { path, body: { reason: 'disks are lost' } });
  const oldKernel = (): string => fleet.goldens[3] ?? '';
  const attested = async () => trusted(await attestAll(fleet));
  const old = ['old-1', 'old-2'];
  const release = (hostId: string) =>
    server.operator.call('releaseHost', { path: { hostId }, body: { reason: 'taken out' } });
  /** The first stage has proved it, and the second is open: that is every host, also one that boots something else. */
  const reachEverybody = async () => {
    await start({ predecessors: [oldKernel()] });
    await proposeNew([fleet.operators[1]]);
    server.advance(3600);
    await attested();
    await advance();
  };

  it('reaches the canary, which has to prove it for as long as its stage lasts, by fresh evidence', async () => {
    assert.equal((await start({ predecessors: [oldKernel()] })).state, 'running');
    await proposeNew([fleet.operators[1]]);
    assert.deepEqual(await attested(), ['new-1', ...old]);
    const first = await status();
    assert.deepEqual(
      [first.progress?.hosts, first.progress?.proved, first.progress?.refused, first.progress?.ready],
      [1, 1, 0, false],
    );
    assert.match((await refuses(advance(), 'ROLLOUT_NOT_READY', 409)).message, /has to last until/);
    server.advance(3600);
    // The verdict that proved it has lapsed.
    await refuses(advance(), 'ROLLOUT_NOT_READY');
    await attested();
    assert.equal((await advance()).stage, 1);
  });

  it('reaches everybody then, and widens no more while a host of an opened stage is refused', async () => {
    await reachEverybody();
    assert.deepEqual(
      (await attested()).filter((name) => name.startsWith('new')),
      ['new-1', 'new-2', 'new-3'],
    );
    const { progress } = await status();
    assert.deepEqual(progress?.refusedHosts, ['bad-1']);
    assert.deepEqual(progress.refusedFor, [
      {
        code: 'KERNEL_COMMAND_LINE_DIVERGED',
        beforeStage: false,
        layer: 'kernel-command-line',
        ofRollout: false,
        count: 1,
        hosts: ['bad-1'],
      },
    ]);
    const waiting = await refuses(advance(), 'ROLLOUT_NOT_READY');
    assert.match(
      waiting.message,
      /refused: 1 host of the opened stages, 1 for something else \(KERNEL_COMMAND_LINE_DIVERGED\)/,
    );
    await release('bad-1');
    assert.equal((await advance()).state, 'widened');
  });

  it('retires the predecessor when no host needs it any more, and is over', async () => {
    await reachEverybody();
    await attested();
    await release('bad-1');
    await advance();
    assert.match((await refuses(advance(), 'ROLLOUT_NOT_READY')).message, /^2 hosts still rest on/);
    for (const hostId of old) await release(hostId);
    assert.equal((await advance()).state, 'completed');
    const retired = await server.operator.call('getGoldenMeasurement', { path: { goldenId: oldKernel() } });
    assert.deepEqual([retired.state, retired.endReason], ['retired', 'no host needs it after rollout kernel-57']);
    await refuses(advance(), 'ROLLOUT_ENDED', 409);
    await refuses(rollBack(), 'ROLLOUT_ENDED', 409);
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    assert.deepEqual(
      items.map(({ action }) => action).filter((action) => action.startsWith('rollout.')),
      ['rollout.started', 'rollout.advanced', 'rollout.widened', 'rollout.completed'],
    );
  });

  it('keeps the predecessor where it was taken back before its last step was', async () => {
    await reachEverybody();
    await attested();
    await release('bad-1');
    const widened = await advance();
    for (const hostId of old) await release(hostId);
    await server.restart({
      wrapStore: (store) => {
        const takeBack = async (): Promise<void> => {
          const stored = await store.findRollout(widened.name);
          if (stored?.state !== 'widened') return;
          const back = { ...stored, state: 'rolled-back', endReason: 'disks are lost', endedAt: 1 } as const;
          await store.moveRollout(stored, back, { revision: undefined, audit: auditDraft('rollout.rolled-back') });
        };
        return {
          ...store,
          endGolden: (...end) => takeBack().then(() => store.endGolden(...end)),
          moveRollout: (...move) => takeBack().then(() => store.moveRollout(...move)),
        };
      },
    });
    await refuses(advance(), 'REQUEST_CONFLICT', 409);
    const kept = await server.operator.call('getGoldenMeasurement', { path: { goldenId: oldKernel() } });
    assert.equal(kept.state, 'active');
  });

  it('takes no step by which more hosts gain or lose trust than was said', async () => {
    await start({ predecessors: [oldKernel()] });
    await proposeNew([fleet.operators[1]]);
    server.advance(3600);
    await attested();
    const stepping = (maxFlips: number) => server.operator.call('advanceRollout', { path, query: { maxFlips } });
    const backing = (maxFlips: number) =>
      server.operator.call('rollBackRollout', { path, query: { maxFlips }, body: { reason: 'disks are lost' } });
    // Two that have booted it already are trusted by the next stage.
    const refused = await refuses(stepping(1), 'CHANGE_FLIPS_TOO_MANY', 409);
    assert.match(refused.message, /0 hosts would lose trust and 2 would gain it; 1 may change/);
    assert.equal((await status()).stage, 0);
    assert.equal((await stepping(2)).stage, 1);
    await attested();
    await refuses(backing(2), 'CHANGE_FLIPS_TOO_MANY', 409);
    await release('bad-1');
    assert.equal((await stepping(0)).state, 'widened');
    for (const hostId of old) await release(hostId);
    assert.equal((await stepping(0)).state, 'completed');
    const retired = await server.operator.call('getGoldenMeasurement', { path: { goldenId: oldKernel() } });
    assert.equal(retired.state, 'retired');
  });

  it('is taken back where no more hosts lose trust by it than was said', async () => {
    await reachEverybody();
    await attested();
    const backing = (maxFlips: number) =>
      server.operator.call('rollBackRollout', { path, query: { maxFlips }, body: { reason: 'disks are lost' } });
    await refuses(backing(2), 'CHANGE_FLIPS_TOO_MANY', 409);
    await server.restart({
      wrapStore: (store) => ({
        ...store,
        moveRollout: async (...move) => {
          await store.setHostLabels('old-1', { rack: '3' }, auditDraft('host.labelled'));
          return store.moveRollout(...move);
        },
      }),
    });
    // Trust is another when the change comes than when it was weighed.
    await refuses(backing(3), 'REQUEST_CONFLICT', 409);
    await server.restart();
    assert.equal((await backing(3)).state, 'rolled-back');
  });

  it('says of refused hosts whether the rollout has to do with it', async () => {
    for (const hostId of ['bad-1', 'new-1', 'old-1'])
      await server.operator.call('setHostLabels', { path: { hostId }, body: { labels: { canary: 'yes' } } });
    await start({ predecessors: [] });
    server.advance(1);
    // The quorum has not signed, so that nothing matches what new-1 boots.
    await attested();
    const { progress } = await status();
    assert.deepEqual(
      progress?.refusedFor.map(({ code, layer, ofRollout, beforeStage, hosts }) => [
        code,
        layer,
        ofRollout,
        beforeStage,
        hosts,
      ]),
      [
        ['KERNEL_DIVERGED', 'kernel', true, false, ['new-1']],
        ['KERNEL_COMMAND_LINE_DIVERGED', 'kernel-command-line', false, false, ['bad-1']],
      ],
    );
    const expected =
      /, 1 in layer kernel, which it brings \(KERNEL_DIVERGED\), 1 for something else \(KERNEL_COMMAND_LINE_DIVERGED\)$/;
    assert.ok(
      progress.obstacles.some((each) => expected.test(each)),
      progress.obstacles.join('\n'),
    );
  });

  it('is paused: no stage opens by itself any more, also by what attested before, until it is resumed', async () => {
    const stages = [{ ...canary, minimumSeconds: 0 }, everybody];
    await start({ stages, advance: 'auto' });
    await proposeNew([fleet.operators[1]]);
    const body = { reason: 'the canary is slow' };
    const paused = await server.operator.call('pauseRollout', { path, body });
    assert.deepEqual([paused.state, paused.stage, paused.advance], ['running', 0, 'operator']);
    const { items: before } = await server.operator.call('listAudit', { query: { subject: 'kernel-57' } });
    await server.operator.call('pauseRollout', { path, body });
    assert.deepEqual(await attested(), ['new-1', ...old]);
    assert.equal((await status()).stage, 0);
    const { items } = await server.operator.call('listAudit', { query: { subject: 'kernel-57' } });
    assert.deepEqual([items.at(-1)?.action, items.length], ['rollout.paused', before.length], 'told once');
    server.advance(60);
    assert.equal((await server.operator.call('resumeRollout', { path, body })).advance, 'auto');
    await attested();
    assert.equal((await status()).stage, 1);
    await rollBack();
    await refuses(server.operator.call('pauseRollout', { path, body }), 'ROLLOUT_ENDED', 409);
  });

  it('takes no step for an attestation that was appraised before it was paused', async () => {
    const remembered: RolloutRecord = {
      ...{ name: 'kernel-57', goldens: [], predecessors: [], stages: [], stage: 0, stageOpenedAt: 0, createdAt: 0 },
      ...{ advance: 'auto', state: 'widened', endedAt: undefined, endReason: undefined },
    };
    const asked: string[] = [];
    const store = {
      claimRolloutCheck: () => Promise.resolve(true),
      findRollout: (name: string) => {
        asked.push(name);
        return Promise.resolve({ ...remembered, advance: 'operator' });
      },
      moveRollout: () => assert.fail('it was paused'),
    };
    const context = {
      store,
      now: () => new Date(),
      log: { error: () => assert.fail('nothing fails') },
    } as unknown as ServerContext;
    await advanceByEvidence(context, [remembered], { status: 'affirming', layers: [] } as unknown as Verdict);
    assert.deepEqual(asked, ['kernel-57']);
  });

  it('is taken back by one call: no host matches it any more, and what it replaced still holds', async () => {
    await start();
    await proposeNew([fleet.operators[1]]);
    assert.deepEqual(await attested(), ['new-1', ...old]);
    const ended = await rollBack();
    assert.deepEqual([ended.state, ended.endReason], ['rolled-back', 'disks are lost']);
    assert.deepEqual(await attested(), old);
    // It may go out again, under another name.
    server.advance(601);
    await attested();
    await start({ name: 'again' });
    assert.deepEqual(await attested(), ['new-1', ...old]);
  });

  it('advances by itself where operators said so, by an attestation and no sooner than the evidence allows', async () => {
    await start({ advance: 'auto', stages: [canary], predecessors: [] });
    await proposeNew([fleet.operators[1]]);
    await attested();
    assert.equal((await status()).state, 'running');
    server.advance(3600);
    assert.equal((await status()).state, 'running', 'nothing happens without evidence');
    await attested();
    assert.equal((await status()).state, 'widened');
    server.advance(31);
    await attested();
    assert.equal((await status()).state, 'completed');
    assert.deepEqual(await attested(), ['new-1', 'new-2', 'new-3', ...old]);
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    assert.equal(items.find(({ action }) => action === 'rollout.widened')?.actor, 'rollout kernel-57');
  });

  it('is foretold by what-if for each host by itself, though hosts booted alike', async () => {
    await start();
    const answer = await whatIf(server, { activate: goldens.map((goldenId) => ({ goldenId })) });
    assert.deepEqual([answer.gained, answer.groups.find(({ kind }) => kind === 'gained')?.hosts], [1, ['new-1']]);
    await proposeNew([fleet.operators[1]]);
    assert.deepEqual(await attested(), ['new-1', ...old]);
    const shown = await server.operator.call('getGoldenMeasurement', { path: { goldenId: goldens[0] ?? '' } });
    assert.deepEqual([shown.state, shown.inForce], ['active', false], 'not in force for all');
  });

  it('refuses what cannot go out in stages', async () => {
    const absent = `sha256:${'0'.repeat(64)}`;
    await refuses(start({ goldens: [absent] }), 'GOLDEN_MEASUREMENT_NOT_FOUND');
    await refuses(start({ goldens: [oldKernel()] }), 'ROLLOUT_GOLDEN_UNSUITABLE', 409);
    await refuses(start({ predecessors: [goldens[0] ?? ''] }), 'ROLLOUT_GOLDEN_UNSUITABLE');
    await refuses(start({ predecessors: [absent] }), 'GOLDEN_MEASUREMENT_NOT_FOUND');
    const [kernel] = await statements(server, 'bad-1', ['kernel']);
    assert.ok(kernel !== undefined);
    const { id: another } = await propose(server, kernel, [fleet.operators[0]]);
    const two = await refuses(start({ goldens: [...goldens, another] }), 'ROLLOUT_GOLDEN_UNSUITABLE', 409);
    assert.match(two.message, /two are of layer kernel/);
    for (const [operation, state] of [
      ['retireGoldenMeasurement', 'retired'],
      ['revokeGoldenMeasurement', 'revoked'],
    ] as const) {
      await server.operator.call(operation, { path: { goldenId: another }, body: { reason: 'it is flawed' } });
      const ended = await refuses(start({ goldens: [another] }), 'ROLLOUT_GOLDEN_UNSUITABLE', 409);
      assert.match(ended.message, new RegExp(`${another} was ${state}`));
    }
    await refuses(start({ stages: [] }), 'REQUEST_INVALID');
    await refuses(start({ stages: [{ minimumHosts: 0 }] }), 'REQUEST_INVALID');
    await start();
    await refuses(start(), 'ROLLOUT_NAME_TAKEN', 409);
    await refuses(start({ name: 'another' }), 'ROLLOUT_GOLDEN_UNSUITABLE');
    const nobody = { path: { rolloutName: 'nobody' } };
    await refuses(server.operator.call('getRollout', nobody), 'ROLLOUT_NOT_FOUND', 404);
    await refuses(server.operator.call('advanceRollout', nobody), 'ROLLOUT_NOT_FOUND', 404);
  });

  it('is held up by no refusal that was voided', async () => {
    await start({ stages: [everybody] });
    await attested();
    const refused = async () => (await status()).progress?.refusedHosts;
    assert.deepEqual(await refused(), ['bad-1', 'new-1', 'new-2', 'new-3']);
    const anchorId = encodeHex(hash('sha256', authority.rootCertificate));
    await server.operator.call('withdrawTrustAnchor', { path: { anchorId }, body: { reason: 'stolen' } });
    assert.deepEqual(await refused(), []);
  });

  it('proves nothing by a stage without hosts, and says all that it waits for', async () => {
    const nobody = { labels: { canary: 'nobody' }, minimumHosts: 1, minimumSeconds: 60 };
    const started = await start({ stages: [nobody, { minimumHosts: 50 }] });
    assert.deepEqual(started.progress?.stageHosts, [0, 7]);
    const waits = started.progress.obstacles.map((each) => /signatures|never advances|last until/.exec(each)?.[0]);
    assert.deepEqual(waits, ['signatures', 'signatures', 'never advances', 'last until']);
    await proposeNew([fleet.operators[1]]);
    server.advance(60);
    await attested();
    const { message } = await refuses(advance(), 'ROLLOUT_NOT_READY');
    assert.match(message, /^it needs 1 host and has 0 in the opened stages, .* smaller minimumHosts$/);
    assert.equal((await rollBack()).progress, undefined);

    const small = { name: 'small', stages: [{ ...canary, minimumHosts: 1, minimumSeconds: 0 }] };
    await start({ ...small, predecessors: [oldKernel()] });
    await attested();
    const widened = await server.operator.call('advanceRollout', { path: { rolloutName: 'small' } });
    assert.deepEqual(widened.progress?.obstacles, [`3 hosts still rest on ${oldKernel()}`]);
  });
});
