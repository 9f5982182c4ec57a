// The controller between a real Touchstone and a small Kubernetes API: marks follow verdicts, and nobody is trusted by silence.
import assert from 'node:assert/strict';
import {
  bringInStep,
  createNodePlatform,
  createPlatformHttp,
  keepInStep,
  type Clock,
  type ControllerEvent,
} from '../../src/controller/index.ts';
import { sleepUnless } from '../../src/cli/signals.ts';
import { createApiClient, type ApiClient } from '../../src/api/index.ts';
import { startKubernetesApi, type KubernetesApi } from '../support/kubernetes-api.ts';
import { attest, challengeFor, enrol, paperHost, trustedWorld, type TrustedWorld } from '../support/paper-story.ts';
import { startRelay } from '../support/relay.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const names = { label: 'a/trusted', annotation: 'a/verdict', taint: 'a/untrusted', effect: 'NoSchedule' } as const;

describe('a controller', () => {
  let server: TestServer;
  let api: KubernetesApi;
  let world: TrustedWorld;
  let token: string;
  let orchestrator: ApiClient;
  let events: ControllerEvent[];
  let skippedMs: number;
  const closers: (() => Promise<void> | void)[] = [];
  /** One server for all: each test leaves hv-1 trusted and hv-2 unknown. */
  before(async () => {
    server = await startTestServer();
    world = await trustedWorld(server, 'hv-1');
    token = await server.token('orchestrator');
  });
  after(() => server.close());
  beforeEach(async () => {
    api = await startKubernetesApi(['hv-1', 'hv-2']);
    orchestrator = server.client(token);
    events = [];
    skippedMs = 0;
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

  function settings(more: { readonly dryRun?: boolean; readonly mayWrite?: () => boolean } = {}) {
    const http = createPlatformHttp(() => Promise.resolve({ baseUrl: api.url, ca: undefined, headers: {} }));
    const stop = new AbortController();
    closers.push(() => http.close());
    const options = {
      platform: createNodePlatform({ http, clock, names, naming: { by: 'name' }, selector: undefined }),
      touchstone: () => orchestrator,
      demands: { minimumStatus: 'affirming' as const },
      clock,
      signal: stop.signal,
      writesPerSecond: 1000,
      dryRun: false,
      mayWrite: () => true,
      onEvent: (event: ControllerEvent) => void events.push(event),
      ...more,
    };
    return { options, stop };
  }

  function start(more: Parameters<typeof settings>[0] = {}): void {
    const { options, stop } = settings(more);
    const ended = keepInStep(options);
    closers.push(async () => {
      stop.abort();
      await ended;
    });
  }

  const label = (name: string): string | undefined => api.findNode(name)?.metadata.labels?.['a/trusted'];
  const why = (name: string): string => api.findNode(name)?.metadata.annotations?.['a/verdict'] ?? '';
  const isTainted = (name: string): boolean =>
    JSON.stringify(api.findNode(name)?.spec.taints ?? []).includes('a/untrusted');
  const marked = (name: string, trusted: boolean, text = '') =>
    api.until(() => label(name) === String(trusted) && isTainted(name) === !trusted && why(name).includes(text));
  /** That something failed. */
  const told = async (): Promise<void> => {
    while (!events.some(({ kind }) => kind === 'failed')) await sleepUnless(5, new AbortController().signal);
  };
  /** Enrols one more host that boots as it should, and makes it a node. */
  const join = async (name: string): Promise<void> => {
    const host = paperHost(name);
    await attest(await enrol(server, host), host);
    if (api.findNode(name) === undefined) api.write(name, () => undefined);
  };

  it('marks trusted hosts, and denies hosts that nobody enrolled', async () => {
    api.write('hv-3', () => undefined);
    start();
    await marked('hv-1', true);
    await marked('hv-2', false, 'HOST_UNKNOWN');
    await marked('hv-3', false, 'HOST_UNKNOWN');
    await join('hv-3');
    await marked('hv-3', true);
  });

  it('believes no answer that speaks of other hosts than it asked about, says so, and asks again', async () => {
    const relay = await startRelay(server.url, (body) => body.replace('"hv-2"', '"hv-1"'));
    closers.push(() => relay.close());
    orchestrator = createApiClient({ baseUrl: relay.url, token });
    closers.push(() => orchestrator.close());
    start();
    await told();
    const [failed] = events.filter(({ kind }) => kind === 'failed');
    assert.match(JSON.stringify(failed), /"code":"API_ANSWER_OF_OTHER"/);
    assert.deepEqual([label('hv-1'), label('hv-2')], [undefined, undefined]);
    relay.instead = (body) => body;
    await marked('hv-1', true);
    await marked('hv-2', false, 'HOST_UNKNOWN');
  });

  it('follows quarantine and release, told by events', async () => {
    await join('hv-4');
    start();
    await marked('hv-4', true);
    const body = { hosts: { names: ['hv-4'] }, reason: 'ticket 4711' };
    const { id } = await server.operator.call('createQuarantine', { body });
    await marked('hv-4', false, 'ticket 4711');
    await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'clean' } });
    await marked('hv-4', true);
    await server.operator.call('releaseHost', { path: { hostId: 'hv-4' }, body: { reason: 'sold' } });
    await marked('hv-4', false, 'HOST_RELEASED');
  });

  it('says how many there are and are trusted, when that has changed', async () => {
    start();
    await marked('hv-1', true);
    await marked('hv-2', false);
    const inStep = () => events.filter(({ kind }) => kind === 'counted').at(-1);
    while (JSON.stringify(inStep()) !== JSON.stringify({ kind: 'counted', members: 2, trusted: 1, late: 0 }))
      await sleepUnless(5, new AbortController().signal);
    const count = events.length;
    await sleepUnless(60, new AbortController().signal);
    assert.equal(events.length, count, 'nothing happens, nothing is said');
  });

  it('ends trust with the verdict, by the time alone', async () => {
    start();
    await marked('hv-1', true);
    server.advance(601);
    skippedMs += 601_000;
    await marked('hv-1', false, 'VERDICT_EXPIRED');
    await attest(world.enrolled, world.host);
    await marked('hv-1', true);
  });

  it('ends trust when the host says that it has booted again, until it attests', async () => {
    start();
    await marked('hv-1', true);
    world.host.reboot();
    await challengeFor(world.enrolled, world.host);
    skippedMs += 60_000;
    await marked('hv-1', false, 'HOST_REBOOTED');
    await attest(world.enrolled, world.host);
    await marked('hv-1', true);
  });

  it('attack 41: believes nothing longer than Touchstone promised, while Touchstone is away', async () => {
    start();
    await marked('hv-1', true);
    await server.running.close(0);
    skippedMs += 59_000;
    await told();
    assert.equal(label('hv-1'), 'true', 'a promise is kept until its end');
    skippedMs += 1000;
    await marked('hv-1', false, 'TOUCHSTONE_SILENT');
    await server.restart();
    orchestrator = server.client(token);
    await marked('hv-1', true);
  }).timeout(20_000);

  it('begins with silence for half a minute, then nobody is trusted', async () => {
    api.write('hv-1', (node) => (node.metadata.labels = { 'a/trusted': 'true' }));
    await server.running.close(0);
    start();
    await told();
    assert.equal(label('hv-1'), 'true', 'what is found stays for a moment');
    skippedMs += 31_000;
    await marked('hv-1', false, 'TOUCHSTONE_SILENT');
    await server.restart();
  }).timeout(20_000);

  it('puts back what others take away, and marks who joins', async () => {
    start();
    await marked('hv-2', false);
    api.write('hv-2', (node) => {
      node.spec.taints = [];
      node.metadata.labels = { 'a/trusted': 'true' };
    });
    await marked('hv-2', false);
    api.write('hv-5', () => undefined);
    await marked('hv-5', false, 'HOST_UNKNOWN');
  });

  it('waits as long as the platform asks, and goes on [RFC9110 §10.2.3]', async () => {
    let refused = 0;
    api.interfere = ({ method }) =>
      method === 'PATCH' && (refused += 1) < 4 ? { status: 429, headers: { 'retry-after': '1' } } : undefined;
    start();
    await api.until(() => refused > 0);
    skippedMs += 5000;
    await api.until(() => refused > 1);
    skippedMs += 5000;
    await api.until(() => refused > 2);
    skippedMs += 30_000;
    await marked('hv-1', true);
    await marked('hv-2', false);
  }).timeout(20_000);

  it('denies first', async () => {
    start();
    await marked('hv-1', true);
    await marked('hv-2', false);
    const patched = api.requests.filter(({ method }) => method === 'PATCH').map(({ path }) => path.split('/').at(-1));
    assert.deepEqual(patched, ['hv-2', 'hv-1']);
  });

  it('denies a whole fleet without one waiting for the other', async () => {
    for (let each = 0; each < 20; each += 1) api.write(`stranger-${each}`, () => undefined);
    const { options, stop } = settings();
    let underWay = 0;
    let most = 0;
    const platform: typeof options.platform = {
      ...options.platform,
      write: async (member, standing) => {
        underWay += 1;
        most = Math.max(most, standing.trusted ? 0 : underWay);
        await sleepUnless(5, stop.signal);
        return options.platform.write(member, standing).finally(() => (underWay -= 1));
      },
    };
    await bringInStep({ ...options, platform });
    assert.equal(most, 8);
    for (let each = 0; each < 20; each += 1) await marked(`stranger-${each}`, false, 'HOST_UNKNOWN');
    await marked('hv-1', true);
  });

  it('writes nothing while another one leads, and goes on from there', async () => {
    let leads = false;
    start({ mayWrite: () => leads });
    await api.until(() => api.requests.some(({ query }) => query.has('watch')));
    await sleepUnless(50, new AbortController().signal);
    assert.equal(api.requests.filter(({ method }) => method === 'PATCH').length, 0);
    leads = true;
    await marked('hv-1', true);
  });

  it('trusts neither of two nodes that claim to be one host, and evicts from neither', async () => {
    const { options } = settings({ dryRun: true });
    const list = async () => (await options.platform.list()).map((node) => ({ ...node, hostId: 'hv-1' }));
    const { members } = await bringInStep({ ...options, platform: { ...options.platform, list } });
    assert.deepEqual(members.map(({ standing }) => [standing.codes, standing.said]), [[['HOST_AMBIGUOUS'], false], [['HOST_AMBIGUOUS'], false]]); // prettier-ignore
  });

  it('trusts no node that does not say which host it is, or says what no host can be', async () => {
    for (const hostId of [undefined, '', 'HV-1', '../hv-1', 'x'.repeat(64)]) {
      const { options } = settings({ dryRun: true });
      const list = async () => (await options.platform.list()).slice(0, 1).map((node) => ({ ...node, hostId }));
      const { members } = await bringInStep({ ...options, platform: { ...options.platform, list } });
      assert.deepEqual(members[0]?.standing.codes, ['HOST_UNNAMED'], hostId);
    }
  });

  it('says once what it would mark, and marks nothing, in a dry run', async () => {
    const { options } = settings({ dryRun: true });
    const { members, hasHeard } = await bringInStep(options);
    assert.deepEqual(members.map(({ standing, inStep }) => [standing.trusted, inStep]), [[true, false], [false, false]]); // prettier-ignore
    assert.equal(hasHeard, true);
    assert.deepEqual(events.map(({ kind }) => kind), ['would-mark', 'would-mark']); // prettier-ignore
    assert.equal(api.requests.filter(({ method }) => method === 'PATCH').length, 0);
  });

  it('has nothing to do where there is nobody', async () => {
    api.remove('hv-1');
    api.remove('hv-2');
    const { members } = await bringInStep(settings().options);
    assert.deepEqual(members, []);
  });
});
