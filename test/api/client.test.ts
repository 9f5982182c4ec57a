import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { ApiProblem, ApiUnreachable, createApiClient, type ApiClientOptions } from '../../src/api/index.ts';
import { listenOnLoopback, type Loopback } from '../support/loopback.ts';

describe('the API client', () => {
  let server: Loopback;
  let listener: RequestListener;
  let baseUrl: string;
  before(async () => {
    server = await listenOnLoopback(createServer((request, response) => listener(request, response)));
    baseUrl = server.url;
  });
  after(() => server.close());
  const withClient = async <T>(
    options: Partial<ApiClientOptions>,
    use: (client: ReturnType<typeof createApiClient>) => Promise<T>,
  ): Promise<T> => {
    const client = createApiClient({ baseUrl, ...options });
    try {
      return await use(client);
    } finally {
      client.close();
    }
  };
  const fails = async (code: string, options: Partial<ApiClientOptions> = {}, says = /./): Promise<void> => {
    const work = withClient(options, (client) => client.call('getHealth', {}));
    await assert.rejects(work, (error: unknown) => error instanceof ApiUnreachable && error.code === code && says.test(error.message)); // prettier-ignore
  };

  it('sends nothing where a name would be lost in the path, and another operation be asked', async () => {
    listener = () => assert.fail('it was asked');
    for (const hostId of ['', '.', '..']) {
      const work = withClient({}, (client) => client.call('getHost', { path: { hostId } }));
      await assert.rejects(work, (error: unknown) => error instanceof ApiProblem && error.code === 'REQUEST_INVALID' && error.message.startsWith('path.hostId: must not be ')); // prettier-ignore
    }
  });

  it('sends method, path, query, body and token as the contract says', async () => {
    const seen: string[] = [];
    listener = (request, response) => {
      void text(request).then((body) => {
        seen.push(
          `${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''} ${request.headers['content-type'] ?? ''} ${body}`,
        );
        response.end(request.method === 'GET' ? '{"items":[]}' : host);
      });
    };
    const host = JSON.stringify({
      ...{ id: 'x/../y', state: 'active', epoch: 1, labels: {}, ekDigest: '00', akName: '00' },
      ...{ ekVerified: true, enrolledAt: 'then', status: 'none' },
    });
    await withClient({ token: 't', baseUrl: `${baseUrl}/prefix/` }, async (client) => {
      await client.call('listHosts', { query: { limit: 2, after: 'a b' } });
      await client.call('setHostLabels', { path: { hostId: 'x/../y' }, body: { labels: { a: 'b' } } });
    });
    assert.deepEqual(seen, [
      'GET /prefix/v1/hosts?limit=2&after=a+b Bearer t  ',
      'PUT /prefix/v1/hosts/x%2F..%2Fy/labels Bearer t application/json {"labels":{"a":"b"}}',
    ]);
  });

  it('makes a problem document an ApiProblem', async () => {
    listener = (_request, response) => {
      response.writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '7' });
      response.end(
        JSON.stringify({ type: 'x:y', title: 'Later', status: 429, code: 'LATER', instance: 'i', detail: 'too many' }),
      );
    };
    const work = withClient({}, (client) => client.call('getHealth', {}));
    await assert.rejects(work, (error: unknown) => {
      assert.ok(error instanceof ApiProblem);
      assert.deepEqual(
        [error.code, error.status, error.message, error.retryAfterSeconds],
        ['LATER', 429, 'too many', 7],
      );
      return true;
    });
  });

  it('hands on lines as they arrive, ends the exchange with the loop, and makes a problem of a problem', async () => {
    const lines = async (client: ReturnType<typeof createApiClient>, most: number): Promise<unknown[]> => {
      const seen: unknown[] = [];
      for await (const line of client.callLines('askWhatIf', { body: { retire: [] } })) {
        seen.push(line);
        if (seen.length === most) break;
      }
      return seen;
    };
    const closed: boolean[] = [];
    listener = (request, response) => {
      assert.equal(request.headers.accept, 'application/x-ndjson');
      response.on('close', () => closed.push(response.writableEnded));
      response.write('{"progress":{"done":1,"total":2}}\n{"progress":');
      setImmediate(() => response.write('{"done":2,"total":2}}\n'));
    };
    const progress = [{ progress: { done: 1, total: 2 } }, { progress: { done: 2, total: 2 } }];
    assert.deepEqual(await withClient({}, (client) => lines(client, 2)), progress);
    listener = (_request, response) => response.end('{"progress":');
    const cut = withClient({}, (client) => lines(client, 9));
    await assert.rejects(cut, (error: unknown) => error instanceof ApiUnreachable && error.code === 'API_ANSWER_UNREADABLE'); // prettier-ignore
    listener = (_request, response) => {
      response.writeHead(429, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ type: 'x:y', title: 'Later', status: 429, code: 'LATER', instance: 'i' }));
    };
    const busy = withClient({}, (client) => lines(client, 9));
    await assert.rejects(busy, (error: unknown) => error instanceof ApiProblem && error.code === 'LATER');
    listener = (_request, response) => void response.write('{}\n');
    const silent = withClient({ timeoutMs: 50 }, (client) => lines(client, 2));
    await assert.rejects(silent, (error: unknown) => error instanceof ApiUnreachable && error.code === 'API_TIMEOUT');
    assert.ok(closed.every((ended) => !ended));
  });

  it('follows no redirect and believes no page', async () => {
    listener = (_request, response) => {
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<h1>Bad gateway</h1>');
    };
    await fails('API_ANSWER_UNREADABLE');
    listener = (_request, response) => response.end('<h1>Welcome</h1>');
    await fails('API_ANSWER_UNREADABLE');
  });

  it('gives up when no answer comes in time, or it comes in drops', async () => {
    listener = () => undefined;
    await fails('API_TIMEOUT', { timeoutMs: 100 });
    listener = (_request, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => {
        clearInterval(drip);
      });
    };
    await fails('API_TIMEOUT', { timeoutMs: 200 });
  });

  it('says when nobody is there, the line breaks, or the address is none', async () => {
    await fails('API_UNREACHABLE', { baseUrl: 'http://127.0.0.1:1' }, /^the server http:\/\/127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)$/); // prettier-ignore
    const overTls = { baseUrl: baseUrl.replace('http:', 'https:') };
    await fails('API_TLS_HANDSHAKE', overTls, /^the server https:\/\/127\.0\.0\.1:\d+ does not answer in TLS \(EPROTO\): is its address one of http\?$/); // prettier-ignore
    listener = (request) => request.socket.destroy();
    await fails('API_UNREACHABLE');
    listener = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
      setTimeout(() => response.destroy(), 20);
    };
    await fails('API_UNREACHABLE');
    assert.throws(() => createApiClient({ baseUrl: 'ftp://x' }), TypeError);
  });
});
