import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { components, JsonAnswerOf } from '../../../src/api/index.ts';
import { attest, trustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

/** As CloudEvents, which they are unless asked for otherwise. */
type Page = Omit<JsonAnswerOf<'listEvents'>, 'items'> & { readonly items: components['schemas']['Event'][] };

describe('events for those who ask', () => {
  let server: TestServer;
  const streams: IncomingMessage[] = [];
  beforeEach(async () => {
    server = await startTestServer({ settings: { events: { maximumListeners: 2 } } });
  });
  afterEach(async () => {
    streams.splice(0).forEach((one) => one.destroy());
    await server.close();
  });

  const ask = (query: object = {}, client = server.operator) => client.call('listEvents', { query }) as Promise<Page>;
  const lockAll = (reason: string) =>
    server.operator.call('createQuarantine', { body: { hosts: { all: true }, reason } });
  const reasonsOf = ({ items }: Page) => items.flatMap(({ data }) => data['reason'] ?? []);

  /** Opens a stream; `next` resolves with its next block that is no comment. */
  const listen = async (query = '', headers: Record<string, string> = {}, token = server.operatorToken) => {
    const authorization = `Bearer ${token}`;
    const request = get(`${server.url}/v1/events${query}`, {
      headers: { accept: 'text/event-stream', authorization, ...headers },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    streams.push(response);
    let text = '';
    response.setEncoding('utf8');
    const parts = response[Symbol.asyncIterator]();
    const next = async (): Promise<string | undefined> => {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end !== -1) {
          const block = text.slice(0, end);
          text = text.slice(end + 2);
          if (block !== ':' && !block.startsWith('retry:')) return block;
          continue;
        }
        const part = (await parts.next()) as IteratorResult<string, undefined>;
        if (part.done === true) return undefined;
        text += part.value;
      }
    };
    return { response, next };
  };

  it('come in pages, from any cursor to the end', async () => {
    for (const reason of ['a', 'b', 'c']) await lockAll(reason);
    const first = await ask({ kinds: 'quarantine.opened', limit: 2 });
    assert.deepEqual([reasonsOf(first), first.end], [['a', 'b'], false]);
    const second = await ask({ kinds: 'quarantine.opened', limit: 2, after: first.next });
    assert.deepEqual(reasonsOf(second), ['c']);
    const third = await ask({ kinds: 'quarantine.opened', after: second.next });
    assert.deepEqual([third.items, third.end], [[], true]);
  });

  it('are waited for, and the wait ends with its time', async () => {
    await lockAll('before');
    const waiting = ask({ wait: 60, kinds: 'quarantine.opened' });
    // Another kind does not end the wait.
    await server.token('auditor');
    await lockAll('after');
    assert.deepEqual(reasonsOf(await waiting), ['after']);
    assert.deepEqual((await ask({ wait: 1, kinds: 'golden.revoked' })).items, []);
  });

  it('come as a stream, which goes on from Last-Event-ID', async () => {
    await lockAll('a');
    const { items } = await ask({ kinds: 'quarantine.opened' });
    const { next, response } = await listen('?kinds=quarantine.opened&after=0');
    assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8');
    assert.equal(response.headers['cache-control'], 'no-store');
    const [event] = items;
    assert.equal(
      await next(),
      `id: ${event?.id}\nevent: dev.touchstone.quarantine.opened\ndata: ${JSON.stringify(event)}`,
    );
    await lockAll('b');
    const block = (await next()) ?? '';
    assert.match(block, /"reason":"b"/);
    const again = await listen('?kinds=quarantine.opened', { 'last-event-id': event?.id ?? '' });
    assert.equal(await again.next(), block);
  });

  it('are OCSF where that is asked for, on a page and in a stream, one by one the same events', async () => {
    await trustedWorld(server);
    const plain = (await ask()).items;
    const { items } = await server.operator.call('listEvents', { query: { format: 'ocsf' } });
    const documents = items as components['schemas']['OcsfEvent'][];
    assert.deepEqual(
      documents.map(({ metadata, unmapped }) => [metadata.uid, metadata.event_code, unmapped]),
      plain.map(({ id, type, data }) => [id, type.replace('dev.touchstone.', ''), data]),
    );
    const { next } = await listen('?after=0&format=ocsf');
    const [, , data] = ((await next()) ?? '').split('\n');
    assert.equal(data, `data: ${JSON.stringify(documents[0])}`);
    await refuses(ask({ format: 'text' }), 'REQUEST_INVALID', 400);
  });

  it('end with the server, and do not keep it from stopping', async () => {
    const { next } = await listen('?after=0&kinds=golden.revoked');
    const ended = next();
    await server.restart();
    assert.equal(await ended, undefined);
  });

  it('are for no more listeners than the configuration allows; one that leaves makes room', async () => {
    const first = await listen();
    await listen();
    const refused = await listen();
    assert.equal(refused.response.statusCode, 503);
    assert.equal(refused.response.headers['retry-after'], '10');
    await refuses(ask({ wait: 1 }), 'EVENTS_BUSY', 503);
    first.response.destroy();
    for (let look = 0; look < 200 && (await listen()).response.statusCode !== 200; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal((await ask()).items.length > 0, true, 'who does not wait needs no place');
  });

  it('tell orchestrators of hosts and verdicts, and of nothing else', async () => {
    await trustedWorld(server);
    await lockAll('x');
    const orchestrator = server.client(await server.token('orchestrator'));
    const heard = new Set((await ask({}, orchestrator)).items.map(({ type }) => type.replace('dev.touchstone.', '')));
    assert.deepEqual([...heard].sort(), ['host.enrolled', 'host.quarantined', 'verdict.changed']);
    await refuses(ask({ kinds: 'token.created' }, orchestrator), 'AUTH_FORBIDDEN', 403);
  });

  it('are of hosts with a label, where one is named: also the change of a verdict, which tells of the one before', async () => {
    const { enrolled, host } = await trustedWorld(server);
    const path = { hostId: enrolled.hostId };
    await server.operator.call('setHostLabels', { path, body: { labels: { rack: '3' } } });
    host.reboot({ tampering: ['changed-initrd'] });
    await attest(enrolled, host);
    const changes = async (labels: string) =>
      (await ask({ labels, kinds: 'verdict.changed' })).items.map(({ data }) => [data['before'], data['status']]);
    assert.deepEqual((await changes('rack=3')).at(-1), ['affirming', 'contraindicated']);
    assert.deepEqual(await changes('rack=4'), []);
  });

  it('are of one host, where one is named; unknown kinds and labels without a value are refused', async () => {
    await trustedWorld(server);
    assert.ok((await ask({ host: 'hv-1' })).items.every(({ subject }) => subject === 'hv-1'));
    assert.deepEqual((await ask({ host: 'hv-2' })).items, []);
    await refuses(ask({ kinds: 'moon.landed' }), 'REQUEST_INVALID', 400);
    await refuses(ask({ labels: 'rack' }), 'REQUEST_INVALID', 400);
  });

  it('do not pile up for a listener that does not read', async () => {
    const { response } = await listen('?after=0');
    response.pause();
    for (let count = 0; count < 50; count += 1) await lockAll('x'.repeat(1000));
    assert.equal((await ask({ kinds: 'quarantine.opened' })).items.length, 50);
  });
});

describe('a verdict that is waited for', () => {
  it('is answered when it changes, is renewed or lapses, and with 304 when the time is over', async () => {
    const server = await startTestServer();
    const { host, enrolled } = await trustedWorld(server);
    const read = async (wait?: number, etag?: string) =>
      server.operator.callRaw('getVerdict', {
        path: { hostId: 'hv-1' },
        query: { wait },
        headers: etag === undefined ? {} : { 'if-none-match': etag },
      });
    const statusOf = ({ body }: { body: Uint8Array }) =>
      (JSON.parse(new TextDecoder().decode(body)) as { status: string }).status;
    const first = await read();
    const renewed = read(60, first.headers.etag);
    server.advance(10);
    await attest(enrolled, host);
    const second = await renewed;
    assert.equal(second.status, 200);
    const ended = read(60, second.headers.etag);
    await server.operator.call('createQuarantine', {
      body: { hosts: { names: ['hv-1'] }, reason: 'x', expiresInSeconds: 5 },
    });
    const third = await ended;
    assert.equal(statusOf(third), 'none');
    const back = read(60, third.headers.etag);
    server.advance(5);
    const fourth = await back;
    assert.equal(statusOf(fourth), 'affirming');
    const lapsed = read(60, fourth.headers.etag);
    server.advance(700);
    const last = await lapsed;
    assert.equal(statusOf(last), 'none');
    assert.equal((await read(1, last.headers.etag)).status, 304);
    await server.close();
  });
});
