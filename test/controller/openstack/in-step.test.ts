// The controller between a real Touchstone and a small placement: the trait follows verdicts, and nobody keeps it by silence.
import assert from 'node:assert/strict';
import {
  bringInStep,
  createHostNames,
  createPlacement,
  createProviderPlatform,
  keepInStep,
  type Clock,
  type ProviderNaming,
} from '../../../src/controller/index.ts';
import { sleepUnless } from '../../../src/cli/signals.ts';
import type { ApiClient } from '../../../src/api/index.ts';
import { attest, enrol, paperHost, trustedWorld } from '../../support/paper-story.ts';
import { startPlacementApi, uuidOf, type PlacementApi } from '../../support/placement-api.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const trait = 'CUSTOM_TOUCHSTONE_TRUSTED';

describe('a controller of OpenStack', () => {
  let server: TestServer;
  let api: PlacementApi;
  let orchestrator: ApiClient;
  let skippedMs: number;
  let failures: unknown[];
  const closers: (() => Promise<void> | void)[] = [];
  before(async () => {
    server = await startTestServer();
    await trustedWorld(server, 'hv-1');
    const tampered = paperHost('hv-2', { tampering: ['changed-command-line'] });
    await attest(await enrol(server, tampered), tampered);
    orchestrator = server.client(await server.token('orchestrator'));
  });
  after(() => server.close());
  beforeEach(async () => {
    api = await startPlacementApi(['hv-1', 'hv-2', 'storage']);
    skippedMs = 0;
    failures = [];
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await api.close();
  });

  /** Goes on at once when time is skipped: no wait is longer than a moment. */
  const clock: Clock = {
    monotonic: () => performance.now() + skippedMs,
    sleep: (milliseconds, signal) => sleepUnless(Math.min(milliseconds, 20), signal),
  };

  function settings(naming: ProviderNaming = { by: 'name' }) {
    const access = { baseUrl: api.url, ca: undefined, headers: { 'x-auth-token': 'admin' } };
    const placement = createPlacement({ get: () => Promise.resolve(access), refused: () => false });
    const stop = new AbortController();
    closers.push(() => placement.close());
    const touchstone = (): ApiClient => orchestrator;
    const onFailure = (error: unknown): void => void failures.push(error);
    const hostNames = createHostNames({ naming, touchstone, clock, signal: stop.signal, onFailure });
    const options = {
      platform: createProviderPlatform({ placement, clock, trait, hostNames, resyncSeconds: 1 }),
      touchstone,
      demands: { minimumStatus: 'affirming' as const },
      clock,
      signal: stop.signal,
      writesPerSecond: 1000,
      dryRun: false,
      mayWrite: () => true,
      onEvent: () => undefined,
    };
    return { options, stop };
  }

  function start(naming?: ProviderNaming): void {
    const { options, stop } = settings(naming);
    const ended = keepInStep(options);
    closers.push(async () => {
      stop.abort();
      await ended;
    });
  }

  const has = (name: string): boolean => api.traitsOf(name).includes(trait);
  const carriers = async (naming: ProviderNaming): Promise<readonly string[]> => {
    const { members } = await bringInStep(settings(naming).options);
    return members.filter(({ member }) => has(member.name)).map(({ member }) => `${member.name} ${member.hostId}`);
  };
  const setLabels = (hostId: string, labels: Readonly<Record<string, string>>) =>
    server.operator.call('setHostLabels', { path: { hostId }, body: { labels } });

  it('gives trusted hosts the trait and nobody else, and takes it away from those who had it', async () => {
    api.write('hv-2', ['CUSTOM_RACK_3', trait]);
    api.write('storage', [trait]);
    start();
    await api.until(() => has('hv-1') && !has('hv-2') && !has('storage'));
    assert.deepEqual(api.traitsOf('hv-2'), ['CUSTOM_RACK_3']);
  });

  it('follows quarantine, told by events, and gives back what others take away', async () => {
    start();
    await api.until(() => has('hv-1'));
    const body = { hosts: { names: ['hv-1'] }, reason: 'ticket 4711' };
    const { id } = await server.operator.call('createQuarantine', { body });
    await api.until(() => !has('hv-1'));
    await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'clean' } });
    await api.until(() => has('hv-1'));
    api.write('hv-1', ['CUSTOM_RACK_3']);
    await api.until(() => has('hv-1'));
    assert.deepEqual(api.traitsOf('hv-1'), ['CUSTOM_RACK_3', trait]);
  });

  it('takes away within a list what somebody else gave', async () => {
    start();
    await api.until(() => has('hv-1'));
    api.write('hv-2', [trait]);
    await api.until(() => !has('hv-2'));
  });

  it('knows hosts by the first part of the name, by uuid, or by a label that operators gave', async () => {
    api.providers.set(uuidOf(4), { name: 'hv-1.rack3.example', root: uuidOf(4), generation: 0, traits: [] });
    assert.deepEqual(await carriers({ by: 'name' }), ['hv-1 hv-1']);
    assert.deepEqual(await carriers({ by: 'short-name' }), [], 'two that claim to be one host are none');
    api.providers.delete(uuidOf(1));
    assert.deepEqual(await carriers({ by: 'short-name' }), ['hv-1.rack3.example hv-1']);
    assert.deepEqual(await carriers({ by: 'uuid' }), []);
    await setLabels('hv-1', { openstack: uuidOf(4) });
    assert.deepEqual(await carriers({ by: 'label', key: 'openstack' }), ['hv-1.rack3.example hv-1']);
    await setLabels('hv-1', { openstack: 'storage' });
    assert.deepEqual(await carriers({ by: 'label', key: 'openstack' }), ['storage hv-1']);
    assert.deepEqual(await carriers({ by: 'label', key: 'other' }), []);
  });

  it('trusts no provider that two hosts are labelled with, until one of them has left for good', async () => {
    await setLabels('hv-1', { openstack: 'hv-1' });
    await setLabels('hv-2', { openstack: 'hv-1' });
    assert.deepEqual(await carriers({ by: 'label', key: 'openstack' }), []);
    await server.operator.call('retireHost', { path: { hostId: 'hv-2' }, body: { reason: 'sold' } });
    assert.deepEqual(await carriers({ by: 'label', key: 'openstack' }), ['hv-1 hv-1']);
  });

  it('believes nothing longer than Touchstone promised, while Touchstone is away, and trusts again when it is back', async () => {
    start({ by: 'label', key: 'openstack' });
    await api.until(() => has('hv-1'));
    await server.running.close(0);
    skippedMs += 59_000;
    while (failures.length === 0) await sleepUnless(5, new AbortController().signal);
    assert.ok(has('hv-1'), 'a promise is kept until its end');
    skippedMs += 1000;
    await api.until(() => !has('hv-1'));
    await server.restart();
    orchestrator = server.client(server.operatorToken);
    await api.until(() => has('hv-1'));
  }).timeout(20_000);

  it('begins with silence for half a minute, then nobody has the trait, however hosts are known', async () => {
    await server.running.close(0);
    for (const naming of [{ by: 'name' }, { by: 'label', key: 'openstack' }] as const) {
      api.write('hv-1', [trait]);
      const ended = bringInStep(settings(naming).options);
      await sleepUnless(50, new AbortController().signal);
      assert.ok(has('hv-1'), 'what is found stays for a moment');
      skippedMs += 31_000;
      assert.equal((await ended).hasHeard, false);
      assert.equal(has('hv-1'), false);
    }
    await server.restart();
  }).timeout(20_000);
});
