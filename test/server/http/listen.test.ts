// Raw bytes on a socket: whatever a client does to the connection, it gets a problem document or a clean end, and the server
// goes on answering others.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('raw connections', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({
      settings: { limits: { bodyBytes: 65536, evidenceBytes: 65536, headersSeconds: 1, requestSeconds: 2 } },
    });
  });
  after(() => server.close());
  afterEach(async () => {
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200, 'the server does not answer any more');
  });

  interface Answer {
    readonly status: number;
    readonly head: string;
    readonly body: Record<string, unknown>;
    readonly text: string;
  }

  /** Sends what `write` writes and returns the last answer, after the server has closed the connection. */
  const talk = async (write: (socket: Socket) => void): Promise<Answer> => {
    const { hostname, port } = new URL(server.url);
    const text = await new Promise<string>((resolve) => {
      let received = '';
      const socket = connect(Number(port), hostname, () => write(socket));
      socket.setEncoding('utf8').on('data', (part: string) => (received += part));
      socket.on('close', () => resolve(received)).on('error', () => undefined);
    });
    const last = text.slice(text.lastIndexOf('HTTP/1.1 '));
    const [head = '', json = ''] = last.split('\r\n\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    return { status, head, text, body: json === '' ? {} : (JSON.parse(json) as Record<string, unknown>) };
  };
  const refused = async (
    status: number,
    code: string,
    request: string | ((socket: Socket) => void),
  ): Promise<Answer> => {
    const answer = await talk((socket) => (typeof request === 'string' ? socket.write(request) : request(socket)));
    assert.deepEqual([answer.status, answer.body['status'], answer.body['code']], [status, status, code], answer.text);
    assert.match(answer.head, /content-type: application\/problem\+json/i);
    assert.match(answer.head, /connection: close/i);
    return answer;
  };
  const post = (more: string) =>
    `POST /v1/admission/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.operatorToken}\r\n${more}`;

  it('refuses a malformed request line, header or length with 400', async () => {
    for (const bytes of [
      'hello\r\n\r\n',
      'GET\r\n\r\n',
      'GET /healthz\r\nHost: x\r\n\r\n',
      'GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n',
      'GET /healthz HTTP/1.1\r\nHost: x\r\n X: folded\r\n\r\n',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nA: \u0001\r\n\r\n',
      'GET /hea lthz HTTP/1.1\r\nHost: x\r\n\r\n',
      'BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
      'GET /healthz HTTP/1.1\r\n\r\n',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nHOST: x\r\n\r\n',
      'GET /healthz HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n',
      post('Host: y\r\nContent-Length: 2\r\n\r\n{}'),
      post('Content-Length: abc\r\n\r\n'),
      post('Content-Length: -1\r\n\r\n'),
      post('Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}'),
      post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}'),
      post('Transfer-Encoding: gzip\r\n\r\n{}'),
    ]) {
      await refused(400, 'REQUEST_HTTP_MALFORMED', bytes);
    }
  });

  it('refuses what it and a proxy may read in two ways, at either door, and ends the connection', async () => {
    const [ends, body] = ['Content-Type: application/json\r\n', '{"host":"hv-1"}'];
    const chunks = `\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const chunked = 'Transfer-Encoding: chunked\r\n';
    const behind = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
    const credentials = `Authorization: Bearer ${server.operatorToken}\r\n`;
    for (const path of ['/v1/tokens', '/v1/hosts/hv-1/verdict'])
      for (const second of [credentials, 'authorization: Bearer other\r\n'])
        await refused(400, 'REQUEST_HTTP_MALFORMED', `GET ${path} HTTP/1.1\r\nHost: x\r\n${credentials}${second}\r\n`);
    for (const head of [
      `${ends}content-type: application/cbor\r\n${chunked}`,
      `${ends}Transfer-Encoding: gzip, chunked\r\n`,
      `${ends}Transfer-Encoding: identity\r\n${chunked}`,
    ])
      await refused(400, 'REQUEST_HTTP_MALFORMED', post(head + chunks + behind));
    const old = post(`Connection: keep-alive\r\n${ends}${chunked}${chunks}`).replace('HTTP/1.1', 'HTTP/1.0');
    await refused(400, 'REQUEST_HTTP_MALFORMED', old + behind);
  });

  it('refuses a chunk that lies about its length', async () => {
    const chunked = post('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (const chunk of ['zz\r\n{}\r\n0\r\n\r\n', 'fffffffffffffffff\r\n{}', '1\r\n{}\r\n0\r\n\r\n']) {
      const { status } = await talk((socket) => socket.write(chunked + chunk));
      assert.equal(status, 400, chunk);
    }
  });

  it('refuses headers or a URL beyond 16 KiB with 431', async () => {
    const long = 'a'.repeat(20_000);
    await refused(431, 'REQUEST_HEADERS_TOO_LARGE', `GET / HTTP/1.1\r\nHost: x\r\nA: ${long}\r\n\r\n`);
    await refused(431, 'REQUEST_HEADERS_TOO_LARGE', `GET /${long} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const many = Array.from({ length: 3000 }, (_, index) => `X-${index}: 1`).join('\r\n');
    await refused(431, 'REQUEST_HEADERS_TOO_LARGE', `GET / HTTP/1.1\r\nHost: x\r\n${many}\r\n\r\n`);
  });

  it('refuses more than a hundred headers with 431: what is left out might be who asks', async () => {
    const headers = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: 1\r\n`).join('');
    const get = (path: string, more: string) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}Authorization: Bearer ${server.operatorToken}\r\n\r\n`;
    for (const path of ['/v1/tokens', '/v1/hosts/hv-1/verdict'])
      for (const count of [98, 150, 600]) await refused(431, 'REQUEST_HEADERS_TOO_LARGE', get(path, headers(count)));
    assert.equal((await talk((socket) => socket.write(get('/v1/tokens', headers(97))))).status, 200);
  });

  /** A request that makes a token of this name, and is whole. */
  const tokenRequest = (name: string, more = '') => {
    const body = JSON.stringify({ name, role: 'auditor' });
    const head = `Host: x\r\nAuthorization: Bearer ${server.operatorToken}\r\nContent-Type: application/json\r\n`;
    return `POST /v1/tokens HTTP/1.1\r\n${head}${more}Content-Length: ${body.length}\r\n\r\n${body}`;
  };
  const tokenNames = async () => (await server.operator.call('listTokens', {})).items.map(({ name }) => name);
  const statusesOf = ({ text }: Answer) =>
    [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

  it('answers what came whole before it refuses what stands behind it', async () => {
    const behind = await talk((socket) =>
      socket.write(`${tokenRequest('first')}${tokenRequest('second')}GARBAGE\r\n\r\n`),
    );
    assert.deepEqual(statusesOf(behind), [201, 201, 400]);
    assert.equal(behind.body['code'], 'REQUEST_HTTP_MALFORMED');
    const last = await talk((socket) =>
      socket.write(`${tokenRequest('third', 'Connection: close\r\n')}GARBAGE\r\n\r\n`),
    );
    assert.deepEqual(statusesOf(last), [201]);
    const slow = await talk((socket) => socket.write(`${tokenRequest('fourth')}GET /healthz HT`));
    assert.deepEqual(statusesOf(slow), [201, 408]);
    const made = await tokenNames();
    assert.deepEqual(
      ['first', 'second', 'third', 'fourth'].filter((name) => !made.includes(name)),
      [],
    );
  });

  it('does not do after all what it refused for being slow', async () => {
    const whole = tokenRequest('too late');
    const answer = await talk((socket) => {
      socket.write(whole.slice(0, -5));
      socket.once('data', () => socket.write(whole.slice(-5)));
    });
    assert.deepEqual(statusesOf(answer), [408]);
    assert.ok(!(await tokenNames()).includes('too late'));
  });

  it('refuses headers or a body that never end with 408', async () => {
    await Promise.all([
      refused(408, 'REQUEST_TIMEOUT', ''),
      refused(408, 'REQUEST_TIMEOUT', 'GET /healthz HT'),
      refused(408, 'REQUEST_TIMEOUT', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: '),
      refused(408, 'REQUEST_TIMEOUT', post('Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{')),
      refused(408, 'REQUEST_TIMEOUT', post('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n')),
      refused(408, 'REQUEST_TIMEOUT', (socket) => {
        socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
        const drip = setInterval(() => socket.write('X: y\r\n'), 200);
        socket.once('close', () => clearInterval(drip));
      }),
    ]);
  });

  it('refuses an expectation it does not know with 417, and meets 100-continue', async () => {
    const body = '{"host":"hv-1"}';
    const request = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n`;
    await refused(417, 'REQUEST_EXPECTATION_UNSUPPORTED', post(`${request}Expect: coffee\r\n\r\n${body}`));
    const { text, status } = await talk((socket) =>
      socket.write(post(`${request}Expect: 100-continue\r\n\r\n${body}`)),
    );
    assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 \d{3}/);
    assert.equal(status, 200);
  });

  it('lets the sender of 40 MB read why they were refused, however it sends them', async () => {
    const body = Buffer.alloc(40_000_000, 'a');
    const type = 'Content-Type: application/json\r\n';
    for (let round = 0; round < 3; round += 1) {
      await refused(413, 'REQUEST_BODY_TOO_LARGE', (socket) => {
        socket.write(post(`${type}Content-Length: ${body.length}\r\n\r\n`));
        socket.write(body);
      });
      await refused(413, 'REQUEST_BODY_TOO_LARGE', (socket) => {
        socket.write(post(`${type}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`));
        socket.write(body);
        socket.write('\r\n0\r\n\r\n');
      });
    }
  });

  it('does not wait for a body that was refused and never comes', async () => {
    const started = Date.now();
    await refused(
      413,
      'REQUEST_BODY_TOO_LARGE',
      post('Content-Type: application/json\r\nContent-Length: 40000000\r\n\r\n'),
    );
    assert.ok(Date.now() - started < 10_000);
  });

  it('survives clients that go away at any point', async () => {
    const whole = post('Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{"host":"hv-1"}');
    for (let length = 0; length < whole.length; length += 7) {
      await talk((socket) => socket.write(whole.slice(0, length), () => socket.destroy()));
    }
    await talk((socket) => {
      socket.write(whole, () => socket.resetAndDestroy());
    });
    const decision = await talk((socket) => socket.write(whole.replace('\r\n', '\r\nConnection: close\r\n')));
    assert.deepEqual([decision.status, decision.body['decision']], [200, 'deny']);
  });

  it('answers requests in a row on one connection, and takes no tunnel and no upgrade', async () => {
    const get = (more = '') => `GET /healthz HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
    const { text } = await talk((socket) => socket.write(get() + get() + get('Connection: close\r\n')));
    assert.equal(text.match(/HTTP\/1\.1 200 OK\r\n/g)?.length, 3);
    await refused(405, 'REQUEST_METHOD_NOT_ALLOWED', 'CONNECT evil:443 HTTP/1.1\r\nHost: x\r\n\r\n');
    const upgrade = get('Connection: close, Upgrade\r\nUpgrade: websocket\r\n');
    assert.equal((await talk((socket) => socket.write(upgrade))).status, 200);
  });
});

describe('connections whose client never ends them', () => {
  let server: TestServer;
  const dialled: Socket[] = [];
  before(async () => {
    server = await startTestServer({ settings: { limits: { connections: 16, headersSeconds: 1, requestSeconds: 2 } } });
  });
  after(async () => {
    for (const socket of dialled) socket.destroy();
    await server.close();
  });

  /** Takes every connection there may be, reads that it was refused, and stays. */
  const occupy = (bytes: string): Promise<unknown> => {
    const { hostname: host, port } = new URL(server.url);
    const dial = () =>
      new Promise<void>((resolve) => {
        const socket = connect({ host, port: Number(port), allowHalfOpen: true }, () => socket.write(bytes));
        dialled.push(socket);
        socket.once('end', () => resolve()).once('close', () => resolve());
        socket.on('error', () => undefined).resume();
      });
    return Promise.all(Array.from({ length: 16 }, dial));
  };

  it('are cut when they were refused, and others are served', async () => {
    for (const bytes of ['GET /healthz HT', 'GARBAGE\r\n\r\n']) {
      await occupy(bytes);
      await sleep(2500);
      assert.equal((await fetch(`${server.url}/healthz`)).status, 200, bytes);
    }
  });
});
