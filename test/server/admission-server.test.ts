// Admission at an address of its own: the same answers, nothing else, nothing changed, and nothing that is over.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { routes, type ApiClient, type OperationId } from '../../src/api/index.ts';
import { createApiClient } from '../../src/api/index.ts';
import { admissionOperations } from '../../src/server/admission/admission-operations.ts';
import { startAdmission } from '../../src/server/admission-server.ts';
import type { RunningServer } from '../../src/server/index.ts';
import type { Store } from '../../src/server/storage/index.ts';
import { ask, type DoorRequest } from './http/two-doors.ts';
import { attest, enrol, paperHost, trustedWorld, type TrustedWorld } from '../support/paper-story.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** What a store does that changes nothing, by its names. */
const reading = /^(?:find|list|count|last|read|watch|ping$|trustRevision$|fleetRevision$|close$)/;

/** Notes what is done to a store beside reading. */
function watchWrites(store: Store, written: string[]): Store {
  return new Proxy(store, {
    get: (target, name: keyof Store) => {
      if (!reading.test(name)) written.push(name);
      return Reflect.get(target, name) as unknown;
    },
  });
}

describe('admission at an address of its own', () => {
  let server: TestServer;
  let door: RunningServer;
  let world: TrustedWorld;
  let token: string;
  const written: string[] = [];
  const clients: ApiClient[] = [];
  const atDoor = (bearer: string): ApiClient => {
    const client = createApiClient({ baseUrl: door.url, token: bearer });
    clients.push(client);
    return client;
  };
  before(async () => {
    server = await startTestServer({
      settings: {
        admission: { listen: { port: 0 } },
        lockout: { sharePercent: 50, leastHosts: 100 },
        breakGlass: { longestSeconds: 600 },
      },
    });
    world = await trustedWorld(server);
    token = await server.token('orchestrator');
    const now = (): Date => server.now();
    const wrapStore = (store: Store): Store => watchWrites(store, written);
    door = await startAdmission(server.config, { host: '127.0.0.1', port: 0 }, { now, wrapStore });
    // Refused by its evidence: whether it is held or excused is asked.
    const other = paperHost('hv-2', { tampering: ['changed-kernel'] });
    await attest(await enrol(server, other), other);
  });
  after(async () => {
    clients.forEach((client) => client.close());
    await door.close(0);
    await server.close();
  });

  const json = { 'content-type': 'application/json' };
  const verdict = '/v1/hosts/hv-1/verdict';
  const post = (path: string, body: object): DoorRequest => ({
    path,
    method: 'POST',
    body: JSON.stringify(body),
    headers: json,
  });
  const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';
  const pod = { metadata: { name: 'web', namespace: 'web' }, spec: { containers: [] } };
  const extender = { Pod: pod, NodeNames: ['hv-1', 'hv-2'] };
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'web' },
    target: { kind: 'Node', name: 'hv-1' },
  };
  const review = { uid, operation: 'CREATE', namespace: 'web', resource: { group: '', version: 'v1', resource: 'pods' }, subResource: 'binding', object: binding }; // prettier-ignore
  const questions: Readonly<Record<string, DoorRequest>> = {
    getVerdict: { path: verdict },
    createAdmissionDecision: post('/v1/admission/decisions', { host: 'hv-1' }),
    createAdmissionBatch: post('/v1/admission/batches', {
      requests: [{ hosts: ['hv-1', 'hv-2', 'nobody'] }],
      tokens: true,
    }),
    reviewKubernetesAdmission: post('/kubernetes/v1/admission-review', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: review }), // prettier-ignore
    filterKubernetesNodes: post('/kubernetes/v1/scheduler/filter', extender),
    prioritizeKubernetesNodes: post('/kubernetes/v1/scheduler/prioritize', extender),
    getHealth: { path: '/healthz' },
    getReadiness: { path: '/readyz' },
  };

  /** Signatures of tokens are made anew each time. */
  const unsigned = (text: string): string => text.replaceAll(/(eyJ[\w-]+\.[\w-]+)\.[\w-]{86}/g, '$1.some');
  const both = async (request: DoorRequest) => {
    const own = { ...request, headers: { authorization: `Bearer ${token}`, ...request.headers } };
    const [main, here] = [await ask(server, own), await ask({ url: door.url } as TestServer, own)];
    assert.deepEqual({ ...here, body: unsigned(here.body) }, { ...main, body: unsigned(main.body) });
    return here;
  };

  it('gives the answers of the main address to every question that it takes', async () => {
    assert.deepEqual(Object.keys(questions).sort(), [...admissionOperations].sort());
    for (const [operation, request] of Object.entries(questions)) {
      const { status, body } = await both(request);
      assert.equal(status, 200, `${operation}: ${body}`);
    }
    const jwt = { accept: 'application/eat+jwt' };
    const cases: readonly (readonly [number, DoorRequest])[] = [
      [200, { path: verdict, headers: jwt }],
      [200, { path: verdict, method: 'HEAD' }],
      [200, { path: '/v1/hosts/hv-2/verdict' }],
      [200, { path: '/v1/hosts/%68v-1/verdict' }],
      [304, { path: verdict, headers: { 'if-none-match': '*' } }],
      [400, { path: `${verdict}?verbose=1` }],
      [400, post('/v1/admission/decisions', { hosts: 'hv-1' })],
      [401, { path: verdict, headers: { authorization: 'Bearer nonsense' } }],
      [403, { path: verdict, headers: { authorization: `Bearer ${await server.token('joiner')}` } }],
      [404, { path: '/v1/hosts/nobody/verdict' }],
      [404, { path: '/v1/nowhere' }],
      [405, { path: verdict, method: 'DELETE' }],
      [406, { path: verdict, headers: { accept: 'text/html' } }],
      [413, { path: '/v1/admission/decisions', method: 'POST', headers: { ...json, 'content-length': '99999999' } }],
      [415, { path: '/v1/admission/decisions', method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'a' }],
    ];
    for (const [status, request] of cases) {
      const answer = await both(request);
      assert.equal(answer.status, status, `${JSON.stringify(request)}: ${answer.body}`);
    }
  });

  it('changes nothing by any of them', async () => {
    for (const request of Object.values(questions)) await both(request);
    assert.deepEqual(written, []);
  });

  it('refuses everything else, whoever asks, and names the main address', async () => {
    const others = (Object.keys(routes) as OperationId[]).filter((operation) => !admissionOperations.has(operation));
    assert.ok(others.length > 70);
    for (const operation of others) {
      const { method, path } = routes[operation];
      const request = { method, path: path.replaceAll(/\{\w+\}/g, 'hv-1'), headers: json };
      const answer = await ask({ url: door.url } as TestServer, request);
      const { code, detail } = JSON.parse(answer.body) as { readonly code: string; readonly detail: string };
      assert.equal(answer.status, 421, operation);
      assert.equal(code, 'SERVER_ADMISSION_ONLY', operation);
      assert.match(detail, /main address/);
    }
    await assert.rejects(attest({ ...world.enrolled, client: atDoor(world.enrolled.token) }, world.host), {
      code: 'SERVER_ADMISSION_ONLY',
    });
  });

  it('answers by what the server acknowledged, from the very next question on', async () => {
    const here = atDoor(token);
    const path = { hostId: 'hv-1' };
    const statusOf = async (): Promise<string> => (await here.call('getVerdict', { path })).status;
    const decisionOf = async (): Promise<string> =>
      (await here.call('createAdmissionDecision', { body: { host: 'hv-1' } })).decision;
    const { operator } = server;
    for (let round = 0; round < 40; round += 1) {
      const { issuedAt } = (await attest(world.enrolled, world.host)).verdict;
      assert.equal((await here.call('getVerdict', { path })).verdict?.issuedAt, issuedAt);
      assert.equal(await decisionOf(), 'allow');
      const { id } = await operator.call('createQuarantine', {
        body: { hosts: { names: ['hv-1'] }, reason: 'a test' },
      });
      assert.equal(await statusOf(), 'none', `after quarantine, round ${round}`);
      assert.equal(await decisionOf(), 'deny');
      await operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'over' } });
      assert.equal(await decisionOf(), 'allow', `after it was lifted, round ${round}`);
      const other = await operator.call('createToken', { body: { name: 'other', role: 'orchestrator' } });
      const theirs = atDoor(other.token);
      await theirs.call('getVerdict', { path });
      await operator.call('revokeToken', { path: { tokenId: other.id } });
      await assert.rejects(theirs.call('getVerdict', { path }), { code: 'AUTH_TOKEN_INVALID' });
      await operator.call('setHostLabels', { path, body: { labels: { tenant: `red-${round}` } } });
      assert.equal(await decisionOf(), 'deny', `another tenant, round ${round}`);
      await operator.call('setHostLabels', { path, body: { labels: {} } });
      server.advance(1);
    }
  });

  it('tells whoever waits for a change within two seconds', async () => {
    const here = atDoor(token);
    const path = { hostId: 'hv-1' };
    await attest(world.enrolled, world.host);
    const { head } = await both({ path: verdict });
    const etag = head.find((line) => line.startsWith('etag: '))?.slice(6) ?? assert.fail('no ETag');
    const elapsed = startStopwatch();
    const waiting = ask({ url: door.url } as TestServer, {
      path: `${verdict}?wait=20`,
      headers: { authorization: `Bearer ${token}`, 'if-none-match': etag },
    });
    // Until it waits.
    await sleep(200);
    const { id } = await server.operator.call('createQuarantine', {
      body: { hosts: { names: ['hv-1'] }, reason: 'now' },
    });
    assert.equal((JSON.parse((await waiting).body) as { readonly status: string }).status, 'none');
    assert.ok(elapsed() < 2500, `told after ${elapsed()} ms`);
    await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'over' } });
    assert.equal((await here.call('getVerdict', { path })).status, 'affirming');
  });

  it('signs with the key that signs now, also where that was made a moment ago', async () => {
    const keyOf = async (): Promise<string | undefined> => {
      const headers = { authorization: `Bearer ${token}`, accept: 'application/eat+jwt' };
      const [head = ''] = (await (await fetch(`${door.url}${verdict}`, { headers })).text()).split('.');
      return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { readonly kid?: string }).kid;
    };
    const before = await keyOf();
    const { kid } = await server.operator.call('createSigningKey', {
      body: { withdrawOthers: true, reason: 'a test' },
    });
    assert.notEqual(before, kid);
    assert.equal(await keyOf(), kid);
  });

  it('lets a verdict lapse by its time, and a revoked golden measurement end it', async () => {
    const here = atDoor(token);
    const path = { hostId: 'hv-1' };
    const { verdict: last } = await attest(world.enrolled, world.host);
    assert.equal((await here.call('getVerdict', { path })).status, 'affirming');
    server.advance((Date.parse(last.expiresAt) - server.now().getTime()) / 1000);
    assert.deepEqual(
      (await here.call('getVerdict', { path })).reasons.map(({ code }) => code),
      ['VERDICT_EXPIRED'],
    );
    await attest(world.enrolled, world.host);
    assert.equal((await here.call('getVerdict', { path })).status, 'affirming');
    const [goldenId = ''] = world.goldens;
    await server.operator.call('revokeGoldenMeasurement', { path: { goldenId }, body: { reason: 'a test' } });
    assert.equal((await here.call('getVerdict', { path })).status, 'none');
  });
});
