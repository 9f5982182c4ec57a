// One of several writes: the holder of the Lease.
import assert from 'node:assert/strict';
import { createLease, createPlatformHttp, type Clock } from '../../../src/controller/index.ts';
import { startKubernetesApi, type KubernetesApi } from '../../support/kubernetes-api.ts';

describe('a lease', () => {
  let api: KubernetesApi;
  let elapsedMs: number;
  const closers: (() => Promise<void> | void)[] = [];
  beforeEach(async () => {
    api = await startKubernetesApi();
    elapsedMs = 0;
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    await api.close();
  });

  /** Keeps a lease by a clock that only the test moves: one try for each `turn`. */
  function open(identity: string) {
    const http = createPlatformHttp(() => Promise.resolve({ baseUrl: api.url, ca: undefined, headers: {} }));
    const failures: unknown[] = [];
    let go = (): void => undefined;
    let tried = (): void => undefined;
    const clock: Clock = {
      monotonic: () => elapsedMs,
      sleep: (_, signal) =>
        new Promise((resolve) => {
          go = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
          tried();
        }),
    };
    const stop = new AbortController();
    const lease = createLease({
      ...{ http, clock, identity, namespace: 'touchstone', name: 'nodes' },
      now: () => new Date(Date.parse('2026-11-26T08:00:00.123Z') + elapsedMs),
      onFailure: (error) => void failures.push(error),
      onChange: () => undefined,
    });
    let ended: Promise<void> | undefined;
    const turn = async (): Promise<boolean> => {
      const hasTried = new Promise<void>((resolve) => (tried = resolve));
      if (ended === undefined) ended = lease.keep(stop.signal);
      else go();
      await hasTried;
      return lease.isHeld();
    };
    const end = async (): Promise<void> => {
      stop.abort();
      await ended;
    };
    closers.push(end, () => http.close());
    return { lease, turn, end, failures };
  }

  it('is made by the first, and refused to the second', async () => {
    const [one, two] = [open('one'), open('two')];
    assert.deepEqual([one.lease.isHeld(), await one.turn(), await two.turn()], [false, true, false]);
    assert.deepEqual(api.lease()?.spec, {
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-26T08:00:00.123000Z',
      renewTime: '2026-11-26T08:00:00.123000Z',
      leaseTransitions: 0,
    });
  });

  it('passes to the next when it was not renewed for its time, and the old one has stopped before', async () => {
    const [one, two] = [open('one'), open('two')];
    await one.turn();
    await two.turn();
    elapsedMs = 9999;
    assert.equal(one.lease.isHeld(), true);
    elapsedMs = 10_000;
    assert.equal(one.lease.isHeld(), false);
    assert.equal(await two.turn(), false);
    elapsedMs = 15_000;
    assert.equal(await two.turn(), true);
    assert.equal(api.lease()?.spec['leaseTransitions'], 1);
    assert.equal(await one.turn(), false, 'the old one is told');
  });

  it('stays with whoever renews it', async () => {
    const [one, two] = [open('one'), open('two')];
    for (elapsedMs = 0; elapsedMs < 24_000; elapsedMs += 3000)
      assert.deepEqual([await one.turn(), await two.turn()], [true, false]);
  });

  it('says since when it is held, and when it was renewed', async () => {
    const [one, two] = [open('one'), open('two')];
    await one.turn();
    elapsedMs = 3000;
    await one.turn();
    const { acquireTime, renewTime } = api.lease()?.spec ?? {};
    assert.deepEqual([acquireTime, renewTime], ['2026-11-26T08:00:00.123000Z', '2026-11-26T08:00:03.123000Z']);
    await one.end();
    await two.turn();
    assert.equal(api.lease()?.spec['acquireTime'], '2026-11-26T08:00:03.123000Z');
  });

  it('is given back at the end, so that nobody waits', async () => {
    const [one, two] = [open('one'), open('two')];
    await one.turn();
    await one.end();
    assert.equal(api.lease()?.spec['holderIdentity'], '');
    assert.equal(await two.turn(), true);
  });

  it('is one’s only when the API server says so', async () => {
    const one = open('one');
    api.interfere = ({ method }) => (method === 'POST' ? { status: 409 } : undefined);
    assert.equal(await one.turn(), false);
    api.interfere = () => ({ status: 403 });
    assert.equal(await one.turn(), false);
    assert.equal((one.failures[0] as { code: string }).code, 'CONTROLLER_PLATFORM_REFUSED');
    api.interfere = undefined;
    assert.equal(await one.turn(), true);
  });
});
