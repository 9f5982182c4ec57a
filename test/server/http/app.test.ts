import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import request from 'supertest';
import { encodeCbor } from '../../../src/core/encoding/index.ts';
import { enrol, paperHost, trustSimulator, type EnrolledHost } from '../../support/paper-story.ts';
import { startStopwatch } from '../../support/stopwatch.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('bad requests', () => {
  let server: TestServer;
  let host: EnrolledHost;
  before(async () => {
    server = await startTestServer({
      settings: { limits: { bodyBytes: 65536, evidenceBytes: 1048576, headersSeconds: 1, requestSeconds: 2 } },
    });
    await trustSimulator(server);
    host = await enrol(server, paperHost('hv-1'));
  });
  after(() => server.close());

  const post = (path: string, token = server.operatorToken) =>
    request(server.url).post(path).set('authorization', `Bearer ${token}`);
  const decisions = () => post('/v1/admission/decisions').set('content-type', 'application/json');
  const sendEvidence = async (bytes: Uint8Array, type = 'application/cbor') => {
    const path = '/v1/hosts/hv-1/attestations';
    const proof = await host.prove({ method: 'POST', path, body: bytes, at: server.now().getTime() });
    return post(path, host.token)
      .set('touchstone-proof', proof)
      .set('content-type', type)
      .serialize((body: unknown) => body as string)
      .send(Buffer.from(bytes) as unknown as string);
  };

  interface Refusal {
    readonly status: number;
    readonly type: string;
    readonly text: string;
  }
  const assertProblem = (answer: Refusal, status: number, code: string): Record<string, unknown> => {
    assert.match(answer.type, /^application\/problem\+json/);
    const body = JSON.parse(answer.text) as Record<string, unknown>;
    assert.deepEqual([answer.status, body['status'], body['code']], [status, status, code], answer.text);
    assert.equal(body['type'], `https://touchstone.dev/problems/${code.toLowerCase().replaceAll('_', '-')}`);
    assert.match(String(body['instance']), /^[0-9a-f-]{36}$/);
    assert.doesNotMatch(answer.text, /node_modules|\.ts:\d|SQLITE/);
    return body;
  };

  it('answers an unknown path with 404', async () => {
    for (const path of ['/', '/v1', '/v1/nothing', '/V1/hosts', '/v1/hosts/', '/healthz/x']) {
      assertProblem(await request(server.url).get(path), 404, 'REQUEST_ROUTE_UNKNOWN');
    }
  });

  it('answers a wrong method with 405 and Allow', async () => {
    const answer = await request(server.url).delete('/v1/hosts');
    assertProblem(answer, 405, 'REQUEST_METHOD_NOT_ALLOWED');
    assert.equal(answer.headers['allow'], 'GET, HEAD');
    assertProblem(await request(server.url).options('/v1/policies/x'), 405, 'REQUEST_METHOD_NOT_ALLOWED');
  });

  it('answers a malformed URL with 400', async () => {
    assertProblem(await request(server.url).get('/v1/hosts/%ff'), 400, 'REQUEST_INVALID');
  });

  it('answers a wrong content type with 415', async () => {
    assertProblem(
      await decisions().set('content-type', 'text/plain').send('{}'),
      415,
      'REQUEST_CONTENT_TYPE_UNSUPPORTED',
    );
    assertProblem(
      await decisions().set('content-type', 'application/cbor').send('x'),
      415,
      'REQUEST_CONTENT_TYPE_UNSUPPORTED',
    );
    assertProblem(await post('/v1/admission/decisions'), 415, 'REQUEST_CONTENT_TYPE_UNSUPPORTED');
  });

  it('T4: never unpacks a compressed body', async () => {
    const bomb = gzipSync(new Uint8Array(1 << 24));
    const answer = await decisions()
      .set('content-encoding', 'gzip')
      .serialize((body: unknown) => body as string)
      .send(bomb as unknown as string);
    assertProblem(answer, 415, 'REQUEST_CONTENT_ENCODING_UNSUPPORTED');
  });

  it('answers a body over its limit with 413, announced or not', async () => {
    const large = `{"host":"${'a'.repeat(70_000)}"}`;
    assertProblem(await decisions().send(large), 413, 'REQUEST_BODY_TOO_LARGE');
    const chunked = await raw(
      `POST /v1/admission/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.operatorToken}\r\n` +
        `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${large.length.toString(16)}\r\n${large}\r\n`,
    );
    assert.match(chunked, /^HTTP\/1\.1 413 /);
    assert.match(chunked, /REQUEST_BODY_TOO_LARGE/);
  });

  it('answers malformed JSON with 400 and the place', async () => {
    for (const body of [
      '{',
      '[1,',
      '{"host":"a","host":"b"}',
      '{"__proto__":{}}',
      '"a" 1',
      'nul',
      `${'['.repeat(100)}${']'.repeat(100)}`,
      '{"host":"\ud800"}',
    ]) {
      const answer = await decisions().send(body);
      assert.ok(answer.status === 400, `${body.slice(0, 20)}: ${answer.text}`);
    }
    const body = assertProblem(await decisions().send('{"host":"a",}'), 400, 'REQUEST_BODY_MALFORMED');
    assert.ok('at' in body);
    assertProblem(await decisions(), 400, 'REQUEST_BODY_MISSING');
  });

  it('refuses CBOR in which an integer and a text are one name', async () => {
    const digests = new Map<string | number, Uint8Array>([
      [1, new Uint8Array(32)],
      ['1', new Uint8Array(32).fill(1)],
    ]);
    const answer = await sendEvidence(encodeCbor(new Map([['pcrs', new Map([['sha256', digests]])]])));
    assert.equal(assertProblem(answer, 400, 'REQUEST_INVALID')['at'], 'pcrs.sha256.1');
  });

  it('answers malformed CBOR with 400 and the offset', async () => {
    for (const bytes of [
      [0xff],
      [0xa1],
      [0xbf, 0xff],
      [0x18, 0x01],
      [0xd8, 0x1b, 0x80],
      [0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2],
    ]) {
      const answer = await sendEvidence(Uint8Array.from(bytes));
      assertProblem(answer, 400, 'REQUEST_BODY_MALFORMED');
    }
    const answer = await sendEvidence(encodeCbor(new Map([[1, 2]])));
    assertProblem(answer, 400, 'REQUEST_INVALID');
  });

  it('names an unknown or missing field', async () => {
    const unknown = assertProblem(await decisions().send({ host: 'hv-1', admin: true }), 400, 'REQUEST_INVALID');
    assert.equal(unknown['at'], 'admin');
    const missing = assertProblem(await decisions().send({}), 400, 'REQUEST_INVALID');
    assert.equal(missing['at'], 'host');
    const nested = assertProblem(
      await decisions().send({ host: 'hv-1', workload: { name: 'x', '\u202eevil\n': 1 } }),
      400,
      'REQUEST_INVALID',
    );
    assert.doesNotMatch(String(nested['at']), /[\n\u202e]/, 'T3: what strangers wrote is made printable');
    const list = request(server.url).get('/v1/hosts?verbose=1').set('authorization', `Bearer ${server.operatorToken}`);
    assert.equal(assertProblem(await list, 400, 'REQUEST_INVALID')['at'], 'verbose');
  });

  it('refuses what it cannot answer in with 406', async () => {
    const get = request(server.url)
      .get('/v1/hosts/hv-1/verdict')
      .set('authorization', `Bearer ${server.operatorToken}`);
    assertProblem(await get.set('accept', 'text/html'), 406, 'REQUEST_NOT_ACCEPTABLE');
  });

  it('answers any body with a problem or a result, and goes on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('application/json', 'application/cbor'),
        async (bytes, type) => {
          const answer = await sendEvidence(bytes, type);
          assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
          assert.match(answer.type, /problem\+json/);
        },
      ),
      { numRuns: 200 },
    );
    assert.equal((await request(server.url).get('/healthz')).status, 200);
  });

  it('T3: control characters in a reason reach neither audit nor API raw', async () => {
    await enrol(server, paperHost('hv-2'));
    await server.operator.call('releaseHost', { path: { hostId: 'hv-2' }, body: { reason: 'a\u001b[31mb\nc\u202e' } });
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    assert.equal(items.at(-1)?.details['reason'], 'a\\u{1b}[31mb\\u{a}c\\u{202e}');
  });

  it('T9: a client that never finishes its headers or its body is cut off, and others are served meanwhile', async () => {
    const elapsed = startStopwatch();
    const slow = Array.from({ length: 200 }, (_, index) =>
      index % 2 === 0
        ? raw('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ')
        : raw(
            `POST /v1/admission/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.operatorToken}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
          ),
    );
    for (let round = 0; round < 20; round += 1) {
      const asked = startStopwatch();
      assert.equal((await request(server.url).get('/healthz')).status, 200);
      assert.ok(asked() < 1000, `answered after ${asked()} ms`);
    }
    await Promise.all(slow);
    assert.ok(elapsed() < 15_000, `cut off after ${elapsed()} ms`);
  });

  it('sends headers that keep browsers from doing anything with an answer', async () => {
    const { headers } = await request(server.url).get('/healthz');
    assert.equal(headers['content-security-policy'], "default-src 'none';frame-ancestors 'none'");
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.match(String(headers['strict-transport-security']), /^max-age=31536000/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-powered-by'], undefined);
  });

  /** Sends text over a socket and returns everything that comes back until it closes. */
  function raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(server.url);
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let answer = '';
      socket.setEncoding('utf8');
      socket.on('data', (part: string) => (answer += part));
      socket.on('close', () => resolve(answer));
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve(answer) : reject(error),
      );
    });
  }
});
