import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  ApiProblem,
  ApiUnreachable,
  createApiClient,
  createTransport,
  type ApiClientOptions,
} from '../../src/api/index.ts';
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
    for (const [hostId, says] of [
      ['', 'empty'],
      ['.', '.'],
      ['..', '..'],
    ] as const) {
      const work = withClient({}, (client) => client.call('getHost', { path: { hostId } }));
      await assert.rejects(work, (error: unknown) => error instanceof ApiProblem && error.code === 'REQUEST_INVALID' && error.status === 400 && error.message === `path.hostId: must not be ${says}`); // prettier-ignore
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

  it('takes no answer but the one that the contract promises', async () => {
    const decision = {
      ...{ decision: 'allow', host: 'h', reasons: [], token: 't' },
      ...{ decidedAt: '2026-01-01T00:00:00Z', validUntil: '2026-01-01T00:01:00Z' },
    };
    const answering = (status: number, body: string | Uint8Array, type = 'application/json') => {
      listener = (_request, response) => response.writeHead(status, { 'content-type': type }).end(body);
    };
    const decide = () => withClient({}, (client) => client.call('createAdmissionDecision', { body: { host: 'h' } }));
    const refuses = (work: Promise<unknown>, says: RegExp, code = 'API_ANSWER_UNREADABLE') =>
      assert.rejects(work, (error: unknown) => error instanceof ApiUnreachable && error.code === code && says.test(error.message)); // prettier-ignore
    answering(200, JSON.stringify(decision));
    assert.equal((await decide()).decision, 'allow');
    for (const status of [201, 202, 204, 206, 302, 304]) {
      answering(status, JSON.stringify(decision));
      await refuses(decide(), new RegExp(`^the contract promises no such answer: it has status ${status},`));
    }
    answering(200, JSON.stringify({ ...decision, host: 'other' }));
    await refuses(decide(), /asked about h, the server answers about other/, 'API_ANSWER_OF_OTHER');
    answering(200, JSON.stringify({ ...decision, decision: true }));
    await refuses(decide(), /not what the contract promises: decision is not of its form/);
    answering(200, Uint8Array.of(0x22, 0xff, 0x22));
    await refuses(decide(), /status 200\) is not JSON/);
    answering(400, JSON.stringify({ code: 'X', title: 'x' }));
    await refuses(decide(), /status 400 without a problem document/);
    answering(400, JSON.stringify({ title: 'x' }), 'application/problem+json');
    await refuses(decide(), /code is not of its form/);

    const revoke = () => withClient({}, (client) => client.call('revokeToken', { path: { tokenId: 't' } }));
    answering(204, '');
    await revoke();
    for (const [status, body] of [
      [200, ''],
      [200, '{}'],
    ] as const) {
      answering(status, body);
      await refuses(revoke(), /promises no such answer/);
    }

    const lines = () =>
      withClient({}, (client) => client.callLines('askWhatIf', { body: {} })[Symbol.asyncIterator]().next());
    answering(201, '{"progress":{"done":1,"total":2}}\n');
    await refuses(lines(), /status 201,/);
    answering(200, '{"progress":{"done":"1","total":2}}\n');
    await refuses(lines(), /progress|the whole/);
  });

  it('takes bytes of the type alone that was asked for, where that is one', async () => {
    let type = '';
    listener = (_request, response) => {
      if (type !== '') response.setHeader('content-type', type);
      response.end('x');
    };
    const asks = (accept: string | undefined) =>
      withClient({}, (client) => client.callRaw('getVerdict', { path: { hostId: 'h' }, ...(accept === undefined ? {} : { headers: { accept } }) })); // prettier-ignore
    type = 'Application/EAT+JWT; charset=x';
    for (const accept of ['application/eat+jwt', 'application/EAT+jwt ; q=1', 'application/*', 'a/b, c/d', undefined])
      assert.equal((await asks(accept)).status, 200);
    for (const other of ['application/json', 'text/html', ''] as const) {
      type = other;
      await assert.rejects(asks('application/eat+jwt'), { code: 'API_ANSWER_UNREADABLE' });
    }
    listener = (_request, response) => response.writeHead(304).end();
    assert.equal((await asks('application/eat+jwt')).status, 304);
  });

  it('proves a request once more by the time of a server that calls the proof stale, and goes by that clock from then on', async () => {
    const serverTime = Date.parse('2020-01-01T00:00:00Z');
    const proofs: (string | undefined)[] = [];
    let stale = { code: 'AUTH_PROOF_STALE', date: new Date(serverTime).toUTCString(), times: 1, status: 401 };
    listener = (request, response) => {
      proofs.push(request.headers['touchstone-proof'] as string | undefined);
      const { code, date, status } = stale;
      const isStale = proofs.length <= stale.times;
      if (isStale) response.writeHead(status, { 'content-type': 'application/problem+json', date });
      const problem = { type: 'x:y', title: 'stale', status, code, instance: 'i' };
      response.end(JSON.stringify(isStale ? problem : { status: 'ok' }));
    };
    const asked: { at: number; path: string; method: string }[] = [];
    const prove: ApiClientOptions['prove'] = (request) => {
      asked.push(request);
      return Promise.resolve(`proof ${asked.length}`);
    };
    const isServerTime = (at = 0) => at >= serverTime && at < serverTime + 3_600_000;
    await withClient({ prove }, async (client) => {
      await client.call('getHealth', {});
      await client.call('getHealth', {});
    });
    assert.deepEqual(proofs, ['proof 1', 'proof 2', 'proof 3']);
    assert.deepEqual(asked.map(({ at }) => isServerTime(at)), [false, true, true]); // prettier-ignore
    assert.deepEqual([asked[0]?.method, asked[0]?.path], ['GET', '/healthz']);

    const once = async (changes: Partial<typeof stale>, options: Partial<ApiClientOptions>, code: string) => {
      stale = { ...stale, ...changes };
      proofs.length = 0;
      await assert.rejects(
        withClient(options, (client) => client.call('getHealth', {})),
        { code },
      );
      return proofs.length;
    };
    const always = { times: 99 };
    assert.equal(await once(always, { prove }, 'AUTH_PROOF_STALE'), 2, 'asked twice, and no more');
    assert.equal(await once({ ...always, date: 'yesterday' }, { prove }, 'AUTH_PROOF_STALE'), 1);
    assert.equal(await once(always, {}, 'AUTH_PROOF_STALE'), 1);
    const date = new Date(serverTime).toUTCString();
    assert.equal(await once({ ...always, date, status: 403 }, { prove }, 'AUTH_PROOF_STALE'), 1);
    assert.equal(await once({ ...always, status: 401, code: 'AUTH_PROOF_INVALID' }, { prove }, 'AUTH_PROOF_INVALID'), 1); // prettier-ignore
  });

  it('sends no proof and no token that it does not have, and closes no connections that others made', async () => {
    const seen: unknown[] = [];
    listener = (request, response) => {
      seen.push(request.headers.authorization, request.headers['touchstone-proof'], request.url);
      response.end('{"status":"ok"}');
    };
    let closed = 0;
    const shared = createTransport({ baseUrl });
    const close = () => {
      closed += 1;
    };
    const transport = { ...shared, close };
    await withClient({ transport, baseUrl: 'http://127.0.0.1:1' }, (client) => client.call('getHealth', {}));
    shared.close();
    assert.deepEqual([seen, closed], [[undefined, undefined, '/healthz'], 0]);
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
