// The wire of Kubernetes, byte for byte: AdmissionReview (admission.k8s.io/v1) and ExtenderArgs with Go's field names.
import assert from 'node:assert/strict';
import request from 'supertest';
import { findPlacement } from '../../../src/server/admission/kubernetes/placement.ts';
import { attest, trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';

describe('Kubernetes', () => {
  let server: TestServer;
  let world: TrustedWorld;
  let token: string;
  before(async () => {
    const namespaces = [
      { name: 'red', tenant: 'red' },
      { name: 'north', zone: 'north' },
      { name: 'fresh', maxAgeSeconds: 30 },
    ];
    server = await startTestServer({ settings: { kubernetes: { namespaces } } });
    world = await trustedWorld(server);
    token = await server.token('orchestrator');
  });
  beforeEach(() => attest(world.enrolled, world.host));
  after(() => server.close());

  const post = (path: string, body: object) =>
    request(server.url)
      .post(path)
      .set('authorization', `Bearer ${token}`)
      .set('accept', 'application/json, */*')
      .send(body);
  const review = async (fields: object) => {
    const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid, operation: 'CREATE', namespace: 'web', dryRun: false, ...fields } }; // prettier-ignore
    const answer = await post('/kubernetes/v1/admission-review?timeout=10s', body);
    assert.equal(answer.status, 200, answer.text);
    return answer.body as { response: { allowed: boolean; status?: { message: string }; auditAnnotations: object } };
  };
  const pods = { group: '', version: 'v1', resource: 'pods' };
  const pod = (spec: object, annotations: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'web', annotations },
    spec: { containers: [], ...spec },
  });
  const binding = (target: object) => ({
    resource: pods,
    subResource: 'binding',
    object: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'web-1' }, target },
  });
  const isAllowed = async (fields: object): Promise<boolean> => (await review(fields)).response.allowed;
  const refusal = async (fields: object): Promise<string> => {
    const { response } = await review(fields);
    assert.equal(response.allowed, false);
    return response.status?.message ?? '';
  };

  it('answers a binding to a trusted node, in the shape the API server wants', async () => {
    assert.deepEqual(await review(binding({ kind: 'Node', name: 'hv-1' })), {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid, allowed: true, auditAnnotations: { node: 'hv-1' } },
    });
  });

  it('rejects when there is nothing to verify: a node that nobody enrolled', async () => {
    assert.deepEqual(await review(binding({ kind: 'Node', name: 'nobody' })), {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid,
        allowed: false,
        auditAnnotations: { node: 'nobody', reasons: 'HOST_UNKNOWN' },
        status: {
          code: 403,
          reason: 'Forbidden',
          message: 'node nobody: the host is not enrolled (HOST_UNKNOWN)',
        },
      },
    });
  });

  it('lets a pod without a node pass: its binding is judged', async () => {
    assert.equal(await isAllowed({ resource: pods, object: pod({}) }), true);
    assert.equal(await isAllowed({ resource: pods, object: pod({ nodeName: '' }) }), true);
  });

  it('attack 43: judges a pod whose node was set by hand, where no scheduler and no binding comes by', async () => {
    assert.equal(await isAllowed({ resource: pods, object: pod({ nodeName: 'hv-1' }) }), true);
    assert.match(await refusal({ resource: pods, object: pod({ nodeName: 'nobody' }) }), /HOST_UNKNOWN/);
    assert.match(await refusal({ resource: pods, object: pod({ nodeName: ['hv-1'] }) }), /no text/);
  });

  it('judges an update that moves a pod, and no other', async () => {
    const update = (before: object, after: object) => ({ resource: pods, operation: 'UPDATE', oldObject: pod(before), object: pod(after) }); // prettier-ignore
    assert.equal(await isAllowed(update({ nodeName: 'nobody' }, { nodeName: 'nobody' })), true);
    assert.equal(await isAllowed(update({}, { nodeName: 'nobody' })), false);
    assert.equal(await isAllowed(update({ nodeName: 'hv-1' }, { nodeName: 'nobody' })), false);
    assert.equal(await isAllowed({ resource: pods, operation: 'UPDATE', object: pod({ nodeName: 'nobody' }) }), false);
  });

  it('judges virtual machines of KubeVirt that name their node', async () => {
    const machine = (nodeSelector: object) => ({
      resource: { group: 'kubevirt.io', version: 'v1', resource: 'virtualmachineinstances' },
      object: { metadata: { name: 'vm' }, spec: { nodeSelector } },
    });
    assert.equal(await isAllowed(machine({})), true);
    assert.equal(await isAllowed(machine({ 'kubernetes.io/hostname': 'hv-1' })), true);
    assert.equal(await isAllowed(machine({ 'kubernetes.io/hostname': 'nobody' })), false);
  });

  it('denies what it does not understand, and lets go what places nothing', async () => {
    assert.match(await refusal(binding({ kind: 'Node' })), /names no node/);
    assert.match(await refusal(binding({ kind: 'Pod', name: 'hv-1' })), /no Node/);
    assert.match(await refusal({ resource: pods }), /missing/);
    const deployments = { group: 'apps', version: 'v1', resource: 'deployments' };
    assert.match(await refusal({ resource: deployments, object: {} }), /take the rule out/);
    assert.equal(await isAllowed({ resource: deployments, operation: 'DELETE' }), true);
    assert.equal(await isAllowed({ resource: pods, subResource: 'exec', operation: 'CONNECT' }), true);
  });

  it('lets annotations demand more and never less, and denies one that it does not know', async () => {
    const ask = (annotations: object) => ({ resource: pods, object: pod({ nodeName: 'hv-1' }, annotations) });
    assert.equal(await isAllowed(ask({ 'touchstone/max-age-seconds': '600', 'other/zone': 'x' })), true);
    assert.match(await refusal(ask({ 'touchstone/zone': 'south' })), /ZONE_MISMATCH/);
    assert.match(await refusal(ask({ 'touchstone/require-labels': 'rack=3, gpu=a' })), /LABEL_MISSING/);
    assert.match(
      await refusal(ask({ 'touchstone/confidential-computing': 'true' })),
      /CONFIDENTIAL_COMPUTING_UNPROVEN/,
    );
    for (const [name, text] of [
      ['minimum-status', 'warning'],
      ['max-age-seconds', '-1'],
      ['require-labels', 'rack'],
      ['confidential-computing', 'false'],
      ['zone', ''],
      ['tenant', 'red'],
      ['max-age', '60'],
      ['constructor', 'x'],
      ['zone', 7],
    ] as const) {
      assert.match(await refusal(ask({ [`touchstone/${name}`]: text })), new RegExp(`annotation touchstone/${name} `));
    }
  });

  it('holds pods to what operators demand for their namespace, whoever binds them', async () => {
    const bound = { ...binding({ name: 'hv-1' }) };
    assert.match(await refusal({ ...bound, namespace: 'red' }), /TENANT_MISMATCH/);
    assert.match(await refusal({ ...bound, namespace: 'north' }), /ZONE_MISMATCH/);
    assert.equal(await isAllowed({ ...bound, namespace: 'fresh' }), true);
    server.advance(30);
    assert.match(await refusal({ ...bound, namespace: 'fresh' }), /VERDICT_TOO_OLD/);
    server.advance(600);
    assert.match(await refusal(bound), /VERDICT_EXPIRED/);
  });

  interface FilterResult {
    readonly Nodes: object | null;
    readonly NodeNames: readonly string[] | null;
    readonly FailedAndUnresolvableNodes: object;
  }
  const filter = async (args: object): Promise<FilterResult> => {
    const answer = await post('/kubernetes/v1/scheduler/filter', args);
    assert.equal(answer.status, 200, answer.text);
    return answer.body as FilterResult;
  };

  it('denies a node that operators set aside', async () => {
    const hosts = { names: ['hv-1'] };
    const { id } = await server.operator.call('createQuarantine', { body: { hosts, reason: 'ticket 4711' } });
    assert.match(await refusal(binding({ kind: 'Node', name: 'hv-1' })), /HOST_QUARANTINED/);
    await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'looked at' } });
    assert.equal(await isAllowed(binding({ kind: 'Node', name: 'hv-1' })), true);
  });

  it('filters candidates by name or as whole nodes, and calls the others unresolvable', async () => {
    const args = { Pod: pod({}), Nodes: null, NodeNames: ['hv-1', 'nobody'] };
    assert.deepEqual(await filter(args), {
      Nodes: null,
      NodeNames: ['hv-1'],
      FailedNodes: {},
      FailedAndUnresolvableNodes: { nobody: 'node nobody: the host is not enrolled (HOST_UNKNOWN)' },
      Error: '',
    });
    const node = (name: string) => ({ metadata: { name, labels: { a: 'b' } }, status: { capacity: { cpu: '4' } } });
    const list = { metadata: { resourceVersion: '7' }, items: [node('hv-1'), node('nobody')] };
    const whole = await filter({ Pod: pod({}), Nodes: list, NodeNames: null });
    assert.deepEqual(whole.Nodes, { metadata: { resourceVersion: '7' }, items: [node('hv-1')] });
    assert.equal(whole.NodeNames, null);
    const typo = await filter({
      ...args,
      Pod: pod({}, { 'touchstone/max-age': '1' }),
    });
    assert.deepEqual(typo.NodeNames, []);
    assert.deepEqual(Object.keys(typo.FailedAndUnresolvableNodes), ['hv-1', 'nobody']);
    const none = await filter({ Pod: pod({}) });
    assert.deepEqual([none.Nodes, none.NodeNames], [null, null]);
  });

  it('scores trusted nodes before all others', async () => {
    const scores = await post('/kubernetes/v1/scheduler/prioritize', { Pod: pod({}), NodeNames: ['nobody', 'hv-1'] });
    assert.deepEqual(scores.body, [
      { Host: 'nobody', Score: 0 },
      { Host: 'hv-1', Score: 10 },
    ]);
  });

  it('is for orchestrators, and refuses other versions and shapes with a problem: the webhook then fails closed', async () => {
    const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid, operation: 'CREATE', resource: pods } }; // prettier-ignore
    const path = '/kubernetes/v1/admission-review';
    assert.equal((await request(server.url).post(path).send(body)).status, 401);
    for (const wrong of [
      { ...body, apiVersion: 'admission.k8s.io/v1beta1' },
      { ...body, request: undefined },
      { ...body, request: { ...body.request, uid: '' } },
      { ...body, request: { ...body.request, operation: 'create' } },
    ]) {
      const answer = await post(path, wrong);
      const { code } = answer.body as { code: string };
      assert.deepEqual([answer.status, code], [400, 'REQUEST_INVALID']);
    }
  });

  it('reads no node from inherited members', () => {
    const resource = { group: '', resource: 'pods' };
    const inherited = JSON.parse('{"__proto__": {"spec": {"nodeName": "hv-1"}}}') as object;
    assert.deepEqual(findPlacement({ resource, operation: 'CREATE', object: inherited }), { kind: 'nowhere' });
  });
});
