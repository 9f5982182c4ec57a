import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import { matchFast } from '../../../src/server/http/fast-door.ts';
import { attest, challengeFor, enrol, evidenceFor, paperHost, trustSimulator } from '../../support/paper-story.ts';
import type { EnrolledHost } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { ask, pathsOf, type DoorAnswer, type DoorRequest } from './two-doors.ts';

const plain = { httpVersion: '1.1', rawHeaders: ['host', 'x'] };
const paper = paperHost('hv-1');
const json = { 'content-type': 'application/json' };

describe('the fast door', () => {
  let server: TestServer;
  let host: EnrolledHost;
  let orchestrator: Record<string, string>;
  before(async () => {
    server = await startTestServer({ settings: { limits: { bodyBytes: 65_536, evidenceBytes: 131_072 } } });
    await trustSimulator(server);
    host = await enrol(server, paper);
    await attest(host, paper);
    orchestrator = { authorization: `Bearer ${await server.token('orchestrator')}` };
  });
  after(() => server.close());

  /** Each door's answer. `make` is called for each: what a host sends names the path, and is accepted once. */
  const through = async (make: (path: string) => DoorRequest | Promise<DoorRequest>, path: string) => {
    const answers: DoorAnswer[] = [];
    for (const one of pathsOf(path)) answers.push(await ask(server, await make(one)));
    const [fast = assert.fail(), express = assert.fail()] = answers;
    assert.deepEqual(fast, express);
    return fast;
  };

  const verdict = '/v1/hosts/hv-1/verdict';
  const asOrchestrator =
    (more: Partial<DoorRequest> = {}) =>
    (path: string) => ({
      path,
      ...more,
      headers: { ...orchestrator, ...more.headers },
    });

  /** A request of the host, with its proof. */
  const asHost =
    (body: string, more: Partial<DoorRequest> = {}) =>
    async (path: string): Promise<DoorRequest> => {
      const method = more.method ?? 'POST';
      const proof = await host.prove({ method, path, body: Buffer.from(body), at: server.now().getTime() });
      const own = { authorization: `Bearer ${host.token}`, 'touchstone-proof': proof };
      const length = method === 'GET' ? {} : { body, method };
      return { path, ...length, ...more, headers: { ...json, ...own, ...more.headers } };
    };

  it('meets messages of the very kinds that Express does, which leaves them as they are', async () => {
    const kindsOf = ({ request, response }: Messages) =>
      [request, response].map((one) => Object.getPrototypeOf(one) as object);
    const begun: object[][] = [];
    const ended: object[][] = [];
    const channels = { 'http.server.request.start': begun, 'http.server.response.finish': ended };
    const listeners = Object.entries(channels).map(([channel, seen]) => {
      const note = (messages: unknown) => void seen.push(kindsOf(messages as Messages));
      subscribe(channel, note);
      return () => unsubscribe(channel, note);
    });
    await through(asOrchestrator(), verdict);
    listeners.forEach((stop) => stop());
    const [fast = assert.fail(), express = assert.fail()] = begun;
    for (const kinds of [express, ...ended]) kinds.forEach((kind, index) => assert.equal(kind, fast[index]));
    assert.equal(ended.length, 2);
  });
  interface Messages {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  }

  it('takes the plain forms of the hottest requests, and leaves every other to Express', () => {
    const of = (method: string, url: string) => matchFast({ ...plain, method, url })?.operation;
    assert.equal(of('GET', verdict), 'getVerdict');
    assert.equal(of('HEAD', `${verdict}?wait=3`), 'getVerdict');
    assert.equal(of('POST', '/v1/hosts/hv-1/challenges'), 'createChallenge');
    assert.equal(of('POST', '/v1/hosts/hv-1/attestations'), 'createAttestation');
    const others = [
      '/',
      '*',
      '',
      '/v1/hosts',
      `${verdict}/`,
      `/${verdict}`,
      '/v1/hosts//verdict',
      '/v1/hosts/a/b/verdict',
    ];
    const encoded = [
      '/v1/hosts/%68v-1/verdict',
      '/v1/hosts/hv-1/%76erdict',
      `${verdict}#a`,
      `${verdict}?a#b`,
      `${verdict}?\xa0`,
    ];
    for (const url of [...others, ...encoded, '/V1/hosts/a/verdict', `http://x${verdict}`])
      assert.equal(of('GET', url), undefined, url);
    for (const method of ['POST', 'DELETE', 'get', 'OPTIONS', '']) assert.equal(of(method, verdict), undefined, method);
    assert.equal(matchFast({ ...plain, method: 'GET', url: verdict, httpVersion: '1.0' }), undefined);
    const many = Array.from({ length: 100 }, () => ['a', 'b']).flat();
    for (const rawHeaders of [[], ['Host', 'x', 'hOst', 'y'], [...plain.rawHeaders, ...many]])
      assert.equal(matchFast({ ...plain, method: 'GET', url: verdict, rawHeaders }), undefined);
  });

  it('reads the host and the query as Express does', () => {
    const query = '?a=1&a=2&b=%20+&__proto__=c&=d&e';
    const match =
      matchFast({ ...plain, method: 'GET', url: `/v1/hosts/a.b_c~d-e/verdict${query}` }) ??
      assert.fail('not known at sight');
    assert.deepEqual(match.params, { hostId: 'a.b_c~d-e' });
    assert.deepEqual(Object.entries(match.query), [
      ['a', ['1', '2']],
      ['b', '  '],
      ['__proto__', 'c'],
      ['', 'd'],
      ['e', ''],
    ]);
  });

  it('gives the answers of Express to those who ask for a verdict', async () => {
    const own = (more: Partial<DoorRequest>) => asOrchestrator(more);
    const { head } = await through(own({}), verdict);
    const etag = head.find((line) => line.startsWith('etag: '))?.slice(6) ?? assert.fail('no ETag');
    const joiner = { authorization: `Bearer ${await server.token('joiner')}` };
    const jwt = { accept: 'application/eat+jwt' };
    const cases: readonly (readonly [number, Partial<DoorRequest>, string?])[] = [
      [200, { headers: jwt }],
      [200, { headers: { accept: '*/*;q=0.1' } }],
      [200, { method: 'HEAD' }],
      [200, { method: 'HEAD', headers: jwt }],
      [200, { body: '{}' }],
      [200, { headers: { 'if-none-match': '"other"' } }],
      [100, { headers: { expect: '100-continue' } }],
      [200, { version: '1.0' }],
      [200, {}, '?'],
      [200, {}, '?generation=draft-2026&audience=a%20b'],
      [304, { headers: { 'if-none-match': etag } }],
      [304, { headers: { 'if-none-match': `W/${etag}, "b"` }, method: 'HEAD' }],
      [400, {}, '?verbose=1'],
      [400, {}, '?wait=0&wait=1'],
      [400, {}, '?__proto__=1'],
      [400, { headers: jwt }, '?nonce=zz'],
      [400, { nameless: true }],
      [401, { headers: { authorization: 'Bearer nonsense' } }],
      [401, { headers: { authorization: `Bearer tok_${'a'.repeat(16)}.${'b'.repeat(43)}` } }],
      [401, { headers: { authorization: `Bearer ${host.token}` } }],
      [403, { headers: joiner }],
      [405, { method: 'DELETE' }],
      [405, { method: 'OPTIONS' }],
      [405, { method: 'POST', headers: json, body: '{}' }],
      [406, { headers: { accept: 'text/html' } }],
      [413, { headers: { 'content-length': '9999999' } }],
      [415, { headers: { 'content-encoding': 'gzip' } }],
      [417, { headers: { expect: 'the best' } }],
    ];
    for (const [status, more, query = ''] of cases) {
      const answer = await through(own(more), `${verdict}${query}`);
      assert.equal(answer.status, status, `${JSON.stringify(more)} ${query}: ${answer.body}`);
    }
    for (const path of ['/v1/hosts/nobody/verdict', `${verdict}/`, '/v1/hosts/hv-1/Verdict']) {
      assert.equal((await through(own({}), path)).status, 404, path);
    }
    assert.equal((await through((path) => ({ path }), verdict)).status, 401, 'anonymous');
    assert.equal((await through(asHost('', { method: 'GET' }), verdict)).status, 200, 'the host itself');
  });

  it('gives the answers of Express to hosts that attest', async () => {
    const attestations = '/v1/hosts/hv-1/attestations';
    const challenges = '/v1/hosts/hv-1/challenges';
    const evidence = async () => JSON.stringify(await evidenceFor(paper, await challengeFor(host)));
    const good = async (path: string, headers: Record<string, string> = {}) =>
      asHost(await evidence(), { headers })(path);
    assert.equal((await through(good, attestations)).status, 200);
    assert.equal((await through((path) => good(path, { accept: 'application/eat+jwt' }), attestations)).status, 200);
    assert.equal((await through(asHost('{}'), challenges)).status, 201);
    const spent = await evidence();
    await asHost(spent)(attestations).then((request) => ask(server, request));
    const large = `{"a":"${'a'.repeat(140_000)}"}`;
    const chunked = { headers: { 'transfer-encoding': 'chunked' } };
    const cases: readonly (readonly [number, string, Partial<DoorRequest>, string?])[] = [
      [400, '{', {}],
      [400, '', {}],
      [400, '{"host":1}', {}],
      [400, '{"challengeId":"a","challengeId":"b"}', {}],
      [400, '{}', {}, '?a=1'],
      [400, '\x00', { headers: { 'content-type': 'application/cbor' } }],
      [401, '{}', { headers: { authorization: 'Basic abc' } }],
      [401, '{}', { headers: { 'touchstone-proof': 'nonsense' } }],
      [401, '{}', { body: '{ }' }],
      [403, '{}', { headers: orchestrator }],
      [409, spent, {}],
      [405, '{}', { method: 'PUT' }],
      [406, spent, { headers: { accept: 'text/html' } }],
      [413, large, {}],
      [413, large, { ...chunked, body: `${large.length.toString(16)}\r\n${large}\r\n` }],
      [415, '{}', { headers: { 'content-type': 'text/plain' } }],
      [415, '{}', { headers: { 'content-encoding': 'br' } }],
    ];
    for (const [status, body, more, query = ''] of cases) {
      const answer = await through(asHost(body, more), `${attestations}${query}`);
      assert.equal(answer.status, status, `${body.slice(0, 40)} ${JSON.stringify(more).slice(0, 80)}: ${answer.body}`);
    }
    assert.equal((await through(asHost('{}'), '/v1/hosts/hv-2/attestations')).status, 403, 'another host');
    assert.equal(
      (await through((path) => ({ path, method: 'POST', headers: json, body: '{}' }), attestations)).status,
      401,
    );
  });

  it('gives the answers of Express to any query and any Accept (property)', async () => {
    const text = fc.string({
      unit: fc.constantFrom('&', '=', '+', '%', ';', '?', '/', 'a', 'w', '1', '*', '-'),
      maxLength: 12,
    });
    const types = fc.constantFrom(
      'application/eat+jwt',
      'application/*',
      '*/*',
      'application/json;q=0.5, text/plain',
      ';',
      'a/b',
    );
    await fc.assert(
      fc.asyncProperty(text, types, async (query, accept) => {
        await through(asOrchestrator({ headers: { accept } }), `${verdict}?${query}`);
      }),
      { numRuns: 60 },
    );
  });
});
