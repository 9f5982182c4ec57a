import assert from 'node:assert/strict';
import type { Standing, Store } from '../../../src/server/storage/index.ts';
import { enrol, paperHost, propose, trustSimulator } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { attestAll, bootFleet, statements, type Fleet } from '../what-if/fleet.ts';

describe('when the hosts attest next', function () {
  let server: TestServer;
  let fleet: Fleet;
  before(async () => {
    server = await startTestServer();
    fleet = await bootFleet(server, { old: 3, new: 1 });
    for (const hostId of ['old-1', 'new-1'])
      await server.operator.call('setHostLabels', { path: { hostId }, body: { labels: { rack: '3' } } });
  });
  after(() => server.close());

  const ask = (policy?: string) =>
    server.operator.call('getNextAttestations', { query: policy === undefined ? {} : { policy } });
  const secondsUntil = (time: string | undefined): number => (Date.parse(time ?? '') - server.now().getTime()) / 1000;

  it('is told of those that are trusted and of the others, from when they were asked to come', async () => {
    const { trusted, untrusted, partial } = await ask();
    assert.deepEqual([trusted.hosts, trusted.overdue, trusted.unasked, partial], [3, 0, 0, false]);
    assert.deepEqual([untrusted.hosts, untrusted.overdue, untrusted.unasked], [3, 0, 1]);
    // A refused host is asked to come within five minutes, a trusted one within half of its verdict's life.
    assert.ok(secondsUntil(untrusted.dueBy) <= 300, untrusted.dueBy);
    assert.ok(secondsUntil(trusted.dueBy) < secondsUntil(trusted.until), trusted.until);
    assert.ok(secondsUntil(trusted.until) > 0);
  });

  it('is told until the last of them, whichever that is', async () => {
    for (const hostId of ['old-2', 'old-1', 'old-3']) {
      server.advance(30);
      await attestAll({ members: fleet.members.filter(({ host }) => host.name === hostId) });
      const all = await server.operator.call('listHosts', {});
      const items = all.items.filter(({ status }) => status === 'affirming');
      const last = (times: readonly (string | undefined)[]) => times.toSorted().at(-1);
      const { trusted } = await ask();
      assert.equal(items.length, 3);
      assert.equal(trusted.until, last(items.map(({ verdictExpiresAt }) => verdictExpiresAt)), hostId);
      assert.equal(trusted.dueBy, last(items.map(({ dueAt }) => dueAt)), hostId);
    }
  });

  it('is told of the hosts of one policy, the one they fall under', async () => {
    const body = { layers: ['firmware'], hosts: { labels: { rack: '3' } } };
    await server.operator.call('putPolicy', { path: { policyId: 'rack' }, body: { ...body, layers: ['firmware'] } });
    const rack = await ask('rack');
    assert.deepEqual([rack.trusted.hosts, rack.untrusted.hosts], [1, 1]);
    const fleetwide = await ask('fleet');
    assert.deepEqual([fleetwide.trusted.hosts, fleetwide.untrusted.hosts], [2, 2]);
    const nobody = await ask('nothing');
    assert.deepEqual([nobody.trusted, nobody.untrusted], [{ hosts: 0, overdue: 0, unasked: 0 }, { hosts: 0, overdue: 0, unasked: 0 }]); // prettier-ignore
  });

  it('is told of the hosts of the stages that rollouts have opened, also where they were taken back', async () => {
    const [kernel] = await statements(server, 'new-1', ['kernel']);
    assert.ok(kernel);
    const golden = await propose(server, kernel, [fleet.operators[0]]);
    const start = (name: string, labels: Record<string, string>) =>
      server.operator.call('startRollout', {
        body: { name, goldens: [golden.id], predecessors: [], stages: [{ labels, minimumHosts: 1 }] },
      });
    const reached = async (rollouts: string) => {
      const { trusted, untrusted } = await server.operator.call('getNextAttestations', { query: { rollouts } });
      return [trusted.hosts, untrusted.hosts];
    };
    await start('rack', { rack: '3' });
    assert.deepEqual(await reached('rack'), [1, 1]);
    await server.operator.call('rollBackRollout', { path: { rolloutName: 'rack' }, body: { reason: 'a test' } });
    assert.deepEqual(await reached('rack'), [1, 1]);
    await start('nobody', { rack: 'none' });
    assert.deepEqual(await reached('nobody'), [0, 0]);
    assert.deepEqual(await reached('nobody,rack'), [1, 1]);
    assert.deepEqual(await reached('unknown'), [0, 0]);
  });

  it('is told of the hosts whose policy demands a layer', async () => {
    const ofLayers = async (layers: string) => {
      const { trusted, untrusted } = await server.operator.call('getNextAttestations', { query: { layers } });
      return [trusted.hosts, untrusted.hosts];
    };
    // The policy of the rack demands firmware alone.
    assert.deepEqual(await ofLayers('kernel'), [2, 2]);
    assert.deepEqual(await ofLayers('kernel,firmware'), [3, 3]);
    assert.deepEqual(await ofLayers('runtime'), [0, 0]);
  });

  it('counts who is late, and no more for trusted when the verdict has run out', async () => {
    server.advance(86_400);
    const { trusted, untrusted } = await ask();
    assert.deepEqual([trusted.hosts, trusted.dueBy, trusted.until], [0, undefined, undefined]);
    assert.deepEqual([untrusted.hosts, untrusted.overdue, untrusted.unasked], [6, 5, 1]);
    await attestAll(fleet);
    assert.equal((await ask()).untrusted.overdue, 0);
  });

  it('is not told of who comes no more', async () => {
    const before = await ask();
    await server.operator.call('retireHost', { path: { hostId: 'old-3' }, body: { reason: 'sold' } });
    const { trusted, untrusted } = await ask();
    assert.equal(trusted.hosts + untrusted.hosts, before.trusted.hosts + before.untrusted.hosts - 1);
  });
});

describe('when the hosts attest next, of a rollout step by step', function () {
  let server: TestServer;
  before(async () => (server = await startTestServer()));
  after(() => server.close());

  it('is told of all that it has reached, or of those alone that its last step did', async () => {
    const fleet = await bootFleet(server, { old: 1, new: 2 });
    for (const [hostId, wave] of [
      ['new-1', '1'],
      ['new-2', '2'],
    ] as const)
      // prettier-ignore
      await server.operator.call('setHostLabels', { path: { hostId }, body: { labels: { wave } } });
    const drafts = await statements(server, 'new-1', ['kernel', 'initrd']);
    const proposed = drafts.map((draft) => propose(server, draft, [fleet.operators[0]]));
    const goldens = (await Promise.all(proposed)).map(({ id }) => id);
    const stages = ['1', '2'].map((wave) => ({ labels: { wave }, minimumHosts: 1, minimumSeconds: 0 }));
    await server.operator.call('startRollout', { body: { name: 'kernel', goldens, predecessors: [], stages } });
    for (const draft of drafts) await propose(server, draft, [fleet.operators[1]]);
    const told = async (lastStep: boolean) => {
      const query = { rollouts: 'kernel', lastStep };
      const { trusted, untrusted } = await server.operator.call('getNextAttestations', { query });
      return trusted.hosts + untrusted.hosts;
    };
    // Of five hosts: the first of the new ones, both, and then all.
    for (const [all, last] of [
      [1, 1],
      [2, 1],
      [5, 3],
    ] as const) {
      // prettier-ignore
      assert.deepEqual([await told(false), await told(true)], [all, last]);
      await attestAll(fleet);
      if (all < 5) await server.operator.call('advanceRollout', { path: { rolloutName: 'kernel' } });
    }
  });
});

describe('when the hosts attest next, of a fleet larger than is looked at', function () {
  let server: TestServer;
  let store: Store;
  /** The fleet, once it is there: one host that was really enrolled, again and again. */
  let crowd: readonly Standing[] | undefined;
  before(async () => {
    const wrapStore = (real: Store): Store => {
      store = real;
      return { ...real, listHosts: async (page) => (crowd ? pageOf(crowd, page) : real.listHosts(page)) };
    };
    server = await startTestServer({ start: { wrapStore } });
    await trustSimulator(server);
    await enrol(server, paperHost('hv-1'));
  });
  after(() => server.close());

  const pageOf = (
    all: readonly Standing[],
    { after, limit }: { readonly after?: string | undefined; readonly limit: number },
  ) => {
    const from = after === undefined ? 0 : Number(after) + 1;
    return all.slice(from, from + limit);
  };
  const fleetOf = async (sizes: { readonly retired: number; readonly active: number }) => {
    const standing = await store.findStanding('hv-1');
    assert.ok(standing);
    return Array.from({ length: sizes.retired + sizes.active }, (_, index): Standing => {
      const state = index < sizes.retired ? 'retired' : 'active';
      return { ...standing, host: { ...standing.host, hostId: `${index}`, state } };
    });
  };
  const ask = async (sizes: { readonly retired: number; readonly active: number }) => {
    crowd = await fleetOf(sizes);
    const { untrusted, partial } = await server.operator.call('getNextAttestations', {});
    return { hosts: untrusted.hosts, partial };
  };

  it('is told of twenty thousand, and that there are more', async () => {
    assert.deepEqual(await ask({ retired: 0, active: 20_001 }), { hosts: 20_000, partial: true });
  });

  it('is told of all where there are no more, whoever came before them and comes no more', async () => {
    assert.deepEqual(await ask({ retired: 150, active: 20_000 }), { hosts: 20_000, partial: false });
  });
});
