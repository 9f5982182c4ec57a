// Nodes over the wire: what is sent, and what becomes of conflicts, old versions, ended watches and refusals.
import assert from 'node:assert/strict';
import { createNodePlatform, createPlatformHttp, type Clock, type Standing } from '../../../src/controller/index.ts';
import { startKubernetesApi, type KubernetesApi } from '../../support/kubernetes-api.ts';

const names = { label: 'a/trusted', annotation: 'a/verdict', taint: 'a/untrusted', effect: 'NoSchedule' } as const;
const ours = { key: 'a/untrusted', effect: 'NoSchedule' };
const trusted: Standing = { trusted: true, said: true, codes: [], reason: 'trusted' };
const denied: Standing = { trusted: false, said: true, codes: ['HOST_UNKNOWN'], reason: 'the host is not enrolled' };

/** Waits for nothing: what waits is looked at by the tests of patience. */
const clock: Clock = {
  monotonic: () => performance.now(),
  sleep: () => new Promise((resolve) => setImmediate(resolve)),
};

describe('nodes', () => {
  let api: KubernetesApi;
  let token = 'first';
  const closers: (() => void)[] = [];
  beforeEach(async () => {
    api = await startKubernetesApi(['n1', 'n2', 'n3']);
    token = 'first';
  });
  afterEach(async () => {
    closers.splice(0).forEach((close) => close());
    await api.close();
  });

  function open(selector?: string) {
    const access = () =>
      Promise.resolve({ baseUrl: api.url, ca: undefined, headers: { authorization: `Bearer ${token}` } });
    const http = createPlatformHttp(access);
    closers.push(() => http.close());
    return createNodePlatform({ http, clock, names, naming: { by: 'name' }, selector });
  }

  async function firstNode(platform: ReturnType<typeof open>) {
    const [node] = await platform.list();
    assert.ok(node);
    return node;
  }

  /** Follows in the background and notes what it is told. */
  function follow(platform: ReturnType<typeof open>) {
    const told: string[] = [];
    const controller = new AbortController();
    const ended = platform.follow(
      {
        replaced: (members) => told.push(`all ${members.map(({ name }) => name).join(',')}`),
        changed: ({ name, hostId }) => told.push(`changed ${name}${hostId === undefined ? ', of no host' : ''}`),
        gone: (name) => told.push(`gone ${name}`),
        failed: (error) => told.push(`failed ${(error as { code: string }).code}`),
      },
      controller.signal,
    );
    closers.push(() => controller.abort());
    const heard = async (text: string): Promise<void> => {
      while (!told.includes(text)) await new Promise((resolve) => setImmediate(resolve));
    };
    return { told, heard, end: () => (controller.abort(), ended) };
  }

  it('are marked by one merge patch that names their version', async () => {
    const platform = open();
    const written = await platform.write(await firstNode(platform), denied);
    const patch = api.requests.at(-1);
    assert.deepEqual([patch?.method, patch?.path, patch?.contentType, patch?.authorization, patch?.query.get('fieldManager')], ['PATCH', '/api/v1/nodes/n1', 'application/merge-patch+json', 'Bearer first', 'touchstone']); // prettier-ignore
    assert.deepEqual(patch?.body, {
      metadata: {
        uid: 'uid-n1',
        resourceVersion: '101',
        labels: { 'a/trusted': 'false' },
        annotations: { 'a/verdict': 'HOST_UNKNOWN: the host is not enrolled' },
      },
      spec: { taints: [ours] },
    });
    assert.ok(written !== undefined && platform.isInStep(written, denied));
    const count = api.requests.length;
    await platform.write(written, denied);
    assert.equal(api.requests.length, count, 'what is right is not written again');
  });

  it('keep a taint that somebody else sets between reading and writing', async () => {
    const platform = open();
    const node = await firstNode(platform);
    const foreign = { key: 'example.com/drain', effect: 'NoExecute' };
    api.write('n1', (one) => (one.spec.taints = [foreign]));
    await platform.write(node, denied);
    assert.deepEqual(api.findNode('n1')?.spec.taints, [foreign, ours]);
    assert.deepEqual(api.requests.slice(-3).map(({ method }) => method), ['PATCH', 'GET', 'PATCH']); // prettier-ignore
    await platform.write(node, trusted);
    assert.deepEqual(api.findNode('n1')?.spec.taints, [foreign]);
  });

  it('that others write all the time are given up for now, with a code', async () => {
    const platform = open();
    const node = await firstNode(platform);
    api.interfere = ({ method }) => {
      if (method === 'PATCH') api.write('n1', () => undefined);
      return undefined;
    };
    await assert.rejects(platform.write(node, denied), { code: 'CONTROLLER_CONFLICTS' });
    assert.equal(api.requests.filter(({ method }) => method === 'PATCH').length, 5);
  });

  it('that are gone, or are another node by now, are not written', async () => {
    const platform = open();
    const node = await firstNode(platform);
    api.remove('n1');
    assert.equal(await platform.write(node, denied), undefined);
  });

  it('refuse with the status, what was said, and when to come back', async () => {
    const platform = open();
    const node = await firstNode(platform);
    api.interfere = () => ({ status: 429, headers: { 'retry-after': '7' } });
    await assert.rejects(platform.write(node, denied), { code: 'CONTROLLER_PLATFORM_REFUSED', status: 429, retryAfterSeconds: 7 }); // prettier-ignore
    api.interfere = () => ({ status: 403 });
    await assert.rejects(platform.list(), { code: 'CONTROLLER_PLATFORM_REFUSED', status: 403, message: /403 .*Interference/ }); // prettier-ignore
  });

  it('are listed in pages, selected by labels, and anew when a page is too old', async () => {
    api.pageSize = 2;
    const platform = open('role=worker');
    assert.deepEqual((await platform.list()).map(({ name }) => name), ['n1', 'n2', 'n3']); // prettier-ignore
    assert.deepEqual(api.requests.map(({ query }) => [query.get('limit'), query.get('labelSelector')]), [['500', 'role=worker'], ['500', 'role=worker']]); // prettier-ignore
    let once = true;
    api.interfere = ({ query }) => {
      if (once && query.has('continue')) {
        once = false;
        api.compact();
      }
      return undefined;
    };
    assert.equal((await platform.list()).length, 3);
  });

  it('are no list where its pages go on where they went on before', async () => {
    const page = (place: string) => ({ metadata: { resourceVersion: '1', continue: place }, items: [] });
    api.interfere = ({ query }) => {
      if (api.requests.length > 20) return { status: 500 };
      return { status: 200, body: page(query.get('continue') === 'a' ? 'b' : 'a') };
    };
    await assert.rejects(open().list(), { code: 'CONTROLLER_PLATFORM_UNREADABLE' });
    assert.equal(api.requests.length, 3);
  });

  it('are presented the token that the file holds now', async () => {
    const platform = open();
    await platform.list();
    token = 'rotated';
    await platform.list();
    assert.deepEqual(api.requests.map(({ authorization }) => authorization), ['Bearer first', 'Bearer rotated']); // prettier-ignore
  });

  it('are followed from the version of the list; an ended watch goes on where it was', async () => {
    const { told, heard, end } = follow(open());
    await heard('all n1,n2,n3');
    await api.until(() => api.requests.some(({ query }) => query.has('watch')));
    api.write('n2', (node) => (node.metadata.labels = { a: 'b' }));
    await heard('changed n2');
    const last = api.findNode('n2')?.metadata.resourceVersion;
    api.endWatches(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '103' } } })}\n`);
    await api.until(() => api.requests.filter(({ query }) => query.has('watch')).length === 2);
    assert.equal(api.requests.at(-1)?.query.get('resourceVersion'), '103', 'the bookmark says where to go on');
    assert.equal(last, '104');
    api.remove('n3');
    await heard('gone n3');
    api.write('n4', () => undefined);
    await heard('changed n4');
    await end();
    assert.equal(told.filter((text) => text.startsWith('all')).length, 1);
  });

  it('are listed again when the watch is too old, told by status or in the stream', async () => {
    const { told, heard, end } = follow(open());
    await heard('all n1,n2,n3');
    await api.until(() => api.requests.some(({ query }) => query.has('watch')));
    api.write('n1', () => undefined);
    await heard('changed n1');
    api.compact();
    api.endWatches();
    await api.until(() => api.requests.filter(({ query }) => query.has('watch')).length === 3);
    const status = { kind: 'Status', code: 410, reason: 'Expired' };
    api.endWatches(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    await api.until(() => api.requests.filter(({ query }) => query.has('watch')).length === 4);
    await end();
    assert.equal(told.filter((text) => text.startsWith('all')).length, 3);
    assert.deepEqual(told.filter((text) => text.startsWith('failed')), []); // prettier-ignore
  });

  it('are listed again after a watch that was cut within a line, or is no watch', async () => {
    const { heard, end, told } = follow(open());
    await heard('all n1,n2,n3');
    await api.until(() => api.requests.some(({ query }) => query.has('watch')));
    api.endWatches('{"type":"MODI');
    await heard('failed API_ANSWER_UNREADABLE');
    await api.until(() => api.requests.filter(({ query }) => query.has('watch')).length === 2);
    api.endWatches('<html>\n');
    await heard('failed CONTROLLER_PLATFORM_UNREADABLE');
    await api.until(() => api.requests.filter(({ query }) => query.has('watch')).length === 3);
    await end();
    assert.equal(told.filter((text) => text.startsWith('all')).length, 3);
  });

  it('that leave the selection are told of as nodes of no host, for they keep their marks', async () => {
    const platform = open('role=worker');
    const { told, heard, end } = follow(platform);
    const watches = () => api.requests.filter(({ query }) => query.has('watch')).length;
    await heard('all n1,n2,n3');
    await api.until(() => watches() === 1);
    const left = { type: 'DELETED', object: api.findNode('n2') };
    api.endWatches(`${JSON.stringify(left)}\n`);
    await heard('changed n2, of no host');
    await api.until(() => watches() === 2);
    const [, node] = await platform.list();
    const written = await platform.write(node ?? assert.fail(), denied);
    assert.equal(written?.hostId, undefined, 'also as it is after it was marked');
    api.remove('n3');
    await heard('gone n3');
    api.write('n2', () => undefined);
    await heard('changed n2');
    // Another leaves while nobody watches.
    api.interfere = ({ path, query }) => {
      if (path !== '/api/v1/nodes' || query.has('watch')) return undefined;
      return { status: 200, body: { metadata: { resourceVersion: '900' }, items: [api.findNode('n1') ?? {}] } };
    };
    api.compact();
    api.endWatches();
    await heard('all n1,n2');
    await end();
    assert.ok(!told.includes('gone n2'));
  });
});
