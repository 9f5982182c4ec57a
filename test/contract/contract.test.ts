import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { denyPayloadType, encodeDenyList, type DenyEntry } from '../../src/core/deny/index.ts';
import { encodeBase64, encodePem } from '../../src/core/encoding/index.ts';
import { parse } from 'yaml';
import { routes, serverProblemCodes, type OperationId } from '../../src/api/index.ts';
import { access } from '../../src/server/auth/access.ts';
import { ServerError, serverErrors } from '../../src/server/index.ts';
import { loadContract } from '../../src/server/http/contract.ts';
import { createValidator } from '../../src/server/http/validator.ts';
import { handlers } from '../../src/server/http/operations/index.ts';
import { eventKinds, type EventKind } from '../../src/server/events/event-kinds.table.ts';
import { parseArchive } from '../../src/core/evidence-bundle/index.ts';
import { signedBundle } from '../support/anchor-bundle.ts';
import { exportBundle } from '../support/export.ts';
import { startReceiver } from '../support/receiver.ts';
import { attest, bootLayers, enrol, paperHost, signStatement, trustedWorld } from '../support/paper-story.ts';
import { issuers, listBody } from '../support/authority-lists.ts';
import { startTestServer, testStart } from '../support/test-server.ts';

interface Schema {
  readonly type?: string;
  readonly additionalProperties?: unknown;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly format?: string;
  readonly $ref?: string;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: string[];
  readonly security?: unknown[];
  readonly responses: Record<string, unknown>;
  readonly requestBody?: { content: Record<string, { schema: Schema }> };
}

const text = readFileSync(join(import.meta.dirname, '../../openapi.yaml'), 'utf8');
const document = parse(text) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};
const operations = Object.values(document.paths).flatMap((item) =>
  Object.entries(item)
    .filter(([key]) => key !== 'parameters')
    .map(([, operation]) => operation),
);

const denyNobody: DenyEntry = {
  id: 'nobody',
  reason: 'x',
  cves: ['CVE-2026-12345'],
  denies: { kind: 'measurement', digests: new Map([['sha256', new Uint8Array(32)]]) },
};

describe('the contract', () => {
  it('is written in ASCII: V8 keeps a text with one other character in two bytes each, its names too, and every answer that has them', () => {
    assert.match(text, /^[\n -~]*$/);
  });

  it('is OpenAPI 3.1, and every operation has a handler, a role row, a summary and problem responses', () => {
    assert.match(document.openapi, /^3\.1\./);
    const ids = operations.map(({ operationId }) => operationId).sort();
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(ids, Object.keys(handlers).sort());
    assert.deepEqual(ids, Object.keys(access).sort());
    assert.deepEqual(ids, Object.keys(routes).sort());
    for (const { operationId, summary, tags, responses } of operations) {
      assert.ok(summary && tags?.length === 1, operationId);
      assert.ok('default' in responses, `${operationId} names no problem response`);
    }
  });

  it('marks as open exactly what the access table opens to everybody', () => {
    const open = operations.filter(({ security }) => security?.length === 0).map(({ operationId }) => operationId);
    const anonymous = Object.entries(access)
      .filter(([, row]) => 'anonymous' in row)
      .map(([id]) => id);
    assert.deepEqual(open.sort(), anonymous.sort());
  });

  it('refuses unknown fields everywhere, and bounds every text and list that a request can carry', () => {
    const seen = new Set<string>();
    const check = (schema: Schema, where: string): void => {
      if (schema.$ref !== undefined) {
        const name = schema.$ref.replace('#/components/schemas/', '');
        if (seen.has(name)) return;
        seen.add(name);
        check(document.components.schemas[name]!, name);
        return;
      }
      if (schema.type === 'object') assert.notEqual(schema.additionalProperties, undefined, `${where} takes anything`);
      // What Kubernetes sends is for Kubernetes to say, and grows with its versions.
      if (schema.additionalProperties === true) assert.match(where, /^Kubernetes/);
      if (schema.type === 'string') {
        const bounded = schema.maxLength ?? schema.enum ?? schema.const ?? schema.pattern;
        assert.notEqual(bounded, undefined, `${where} has no bound`);
      }
      if (schema.type === 'array') assert.notEqual(schema.maxItems, undefined, `${where} has no bound`);
      for (const [name, inner] of Object.entries(schema.properties ?? {})) check(inner, `${where}.${name}`);
      if (schema.items !== undefined) check(schema.items, `${where}[]`);
    };
    for (const { operationId, requestBody } of operations) {
      for (const { schema } of Object.values(requestBody?.content ?? {})) check(schema, operationId);
    }
    assert.ok(seen.size > 10);
  });

  it('accepts its own examples', () => {
    const contract = loadContract();
    const bodies: Partial<Record<OperationId, string>> = {
      createAdmissionDecision: 'AdmissionRequest',
      createAdmissionBatch: 'AdmissionBatchRequest',
      createQuarantine: 'QuarantineRequest',
      createSubscription: 'SubscriptionRequest',
      tryApprovalRules: 'RuleTrialRequest',
      putPolicy: 'PolicyRequest',
      createSigningKey: 'SigningKeyRequest',
      startRollout: 'RolloutRequest',
    };
    for (const [operation, name] of Object.entries(bodies)) {
      const schema = document.components.schemas[name] as Schema & { example?: unknown };
      assert.notEqual(schema.example, undefined);
      contract[operation as OperationId].checkBody(structuredClone(schema.example));
    }
  });

  it('has schemas that follow JSON Schema: the server does not look again at each start', () => {
    const rules = createValidator([], {});
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      assert.equal(rules.validateSchema(schema, true), true, name);
    }
    assert.throws(() => rules.validateSchema({ maxLength: 'four' }, true), /schema is invalid/);
  });

  it('compiles to a validator wherever it has a schema: the server compiles one when it is first asked', () => {
    const contract = loadContract();
    const isRefusal = (error: unknown): boolean => error instanceof ServerError && error.code === 'REQUEST_INVALID';
    const passesOrRefuses = (check: () => void): void => {
      try {
        check();
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
    };
    for (const { operationId, responses } of operations) {
      const checks = contract[operationId as OperationId];
      passesOrRefuses(() => checks.checkParameters('path', {}));
      passesOrRefuses(() => checks.checkParameters('query', {}));
      passesOrRefuses(() => checks.checkBody({}));
      for (const status of Object.keys(responses)) checks.findResponseMistake(Number(status), {});
    }
  });

  it('has one row for every problem code of the server', () => {
    assert.deepEqual(Object.keys(serverErrors).sort(), [...serverProblemCodes].sort());
  });

  it('fits every answer of a whole story: the server checks each before it leaves', async () => {
    const receiver = await startReceiver();
    const events = { webhookHosts: [receiver.host], allowLoopback: true };
    const settings = { intermediates: { fetchHosts: ['127.0.0.1:1'] }, enrolment: { approval: 'queue' }, events };
    const server = await startTestServer({ settings });
    const { operator } = server;
    const world = await trustedWorld(server);
    const hostId = 'hv-1';
    const path = { hostId };
    const answered = new Set<string>();
    const call = async (id: OperationId, options: object = {}, caller = operator): Promise<unknown> => {
      answered.add(id);
      return caller.call(id, options);
    };
    await call('getHealth');
    await call('getReadiness');
    answered.add('getMetrics');
    assert.ok((await operator.callRaw('getMetrics', { headers: { accept: '*/*' } })).body.length > 1000);
    await call('getJwks');
    await call('createSigningKey', { body: { reason: 'x' } });
    await call('listSigningKeys');
    for (const id of [
      'getAttestationCaCertificate',
      'getAttestationCaCrl',
      'getAttestationCaChain',
      'getCoseKeys',
    ] as const) {
      answered.add(id);
      assert.ok((await operator.callRaw(id, { headers: { accept: '*/*' } })).body.length > 100);
    }
    const listed = (await call('listAttestationAuthorities')) as { items: { authorityId: string }[] };
    const authority = { authorityId: listed.items[0]?.authorityId ?? '' };
    answered.add('getAttestationAuthorityCrl');
    const list = { headers: { accept: '*/*' }, path: authority };
    assert.ok((await operator.callRaw('getAttestationAuthorityCrl', list)).body.length > 100);
    await call('listHosts');
    await call('getHost', { path });
    await call('setHostLabels', { path, body: { labels: { zone: 'a' } } });
    await call('getVerdict', { path });
    const { id: quarantineId } = (await call('createQuarantine', {
      body: { hosts: { names: [hostId] }, reason: 'x', expiresInSeconds: 60 },
    })) as { id: string };
    await call('previewQuarantine', { body: { hosts: { all: true } } });
    await call('listQuarantines');
    await call('liftQuarantine', { path: { quarantineId }, body: { reason: 'x' } });
    const denyList = encodeBase64(
      encodeDenyList({ name: 'fleet', version: 1, issuedAt: testStart, entries: [denyNobody] }),
    );
    const document = { payloadType: denyPayloadType, payload: denyList };
    const signatures = world.operators.map((one) => ({ sig: signStatement(one, document) }));
    await call('importDenyList', { body: { envelope: { ...document, signatures } } });
    await call('listDenyLists');
    await call('getDenyList', { path: { denyListName: 'fleet' } });
    await call('findDeniedHosts', { body: { list: denyList } });
    await call('removeDenyList', { path: { denyListName: 'fleet' }, body: { reason: 'x' } });
    const joiner = server.client(await server.token('joiner'));
    await assert.rejects(enrol(server, paperHost('hv-2'), joiner), { code: 'ENROLLMENT_WAITING' });
    const { items: pending } = (await call('listPendingHosts')) as { items: { id: string }[] };
    await call('tryApprovalRules', { body: { rules: [{ name: 'x', effect: 'deny', when: { hostName: '*' } }] } });
    const answering = { path: { pendingId: pending[0]?.id ?? '' } };
    await call('approvePendingHost', { ...answering, body: { reason: 'x' } });
    await call('rejectPendingHost', { ...answering, body: { reason: 'x' } });
    await assert.rejects(enrol(server, world.host.cloneAs('hv-3')), { code: 'HOST_EK_ALREADY_ENROLLED' });
    await call('listIdentityConflicts');
    await call('getEvidence', { path });
    answered.add('exportHost');
    assert.equal(parseArchive(await exportBundle(server, hostId))[0]?.name, 'manifest.json');
    await call('explainHost', { path });
    await call('getNextAttestations', { query: { policy: 'fleet' } });
    await call('listOutliers', { query: { atMost: 2, labels: 'zone=a' } });
    await call('createCapture', { path, body: { layers: bootLayers } });
    await call('createAdmissionDecision', { body: { host: hostId } });
    await call('createAdmissionBatch', { body: { requests: [{ hosts: [hostId] }], tokens: true } });
    await call('listGoldenMeasurements', { query: { limit: 1 } });
    await call('getGoldenMeasurement', { path: { goldenId: world.goldens[0] } });
    await call('listSigners');
    await call('listPolicies');
    await call('getPolicy', { path: { policyId: 'fleet' } });
    const anchors = (await call('listTrustAnchors')) as { items: { id: string }[] };
    const anchorId = anchors.items[0]?.id ?? '';
    const { id } = (await call('createToken', { body: { name: 'x', role: 'auditor', expiresInSeconds: 60 } })) as {
      id: string;
    };
    await call('listTokens');
    await call('revokeToken', { path: { tokenId: id } });
    await call('listAudit', { query: { after: 2, limit: 3 } });
    await call('getAuditCheckpoint', { query: { from: 1 } });
    await call('askWhatIf', { body: { retire: [world.goldens[0]] } });
    await call('retireGoldenMeasurement', { path: { goldenId: world.goldens[0] }, body: { reason: 'x' } });
    await call('revokeGoldenMeasurement', { path: { goldenId: world.goldens[1] }, body: { reason: 'x' } });
    await attest(world.enrolled, world.host);
    const ek = { ekDigest: 'e'.repeat(64) };
    await call('registerEk', { path: ek, body: { label: 'rack 3', hostId: 'hv-7' } });
    await call('listRegisteredEks', { query: { limit: 1 } });
    await call('unregisterEk', { path: ek });
    await call('previewRevocationList', { body: listBody('root', { madeAt: server.now() }) });
    await call('importRevocationList', { body: listBody('root', { madeAt: server.now() }) });
    await call('listRevocationLists');
    const pem = encodePem('CERTIFICATE', issuers.intermediate);
    const { items } = (await call('importIntermediates', { body: { pem } })) as { items: { id: string }[] };
    const allowed = { url: 'http://127.0.0.1:1/ca.crt', name: 'CN=x' };
    const { source } = (await call('allowIntermediateSource', { body: allowed })) as { source: { id: string } };
    await call('listIntermediates');
    await call('removeIntermediate', { path: { intermediateId: items[0]?.id ?? '' } });
    await call('forgetIntermediateSource', { path: { sourceId: source.id } });
    const staged = { name: 'staged', pem: encodePem('CERTIFICATE', issuers.intermediate), staged: true };
    await call('importTrustAnchorBundle', { body: { envelope: signedBundle(world.operators), staged: true } });
    const { id: stagedId } = (await call('createTrustAnchor', { body: staged })) as { id: string };
    await call('activateTrustAnchor', { path: { anchorId: stagedId } });
    await call('withdrawTrustAnchor', { path: { anchorId }, body: { reason: 'x' } });
    await call('releaseHost', { path, body: { reason: 'x' } });
    await call('replaceTpm', { path, body: { reason: 'x', expiresInSeconds: 3600 } });
    await call('retireHost', { path, body: { reason: 'x' } });
    const rollout = { name: 'x', goldens: [world.goldens[2]], stages: [{ share: 5, minimumHosts: 1 }] };
    await call('startRollout', { body: rollout });
    await call('listRollouts');
    await call('getRollout', { path: { rolloutName: 'x' } });
    await call('rollBackRollout', { path: { rolloutName: 'x' }, body: { reason: 'x' } });
    const subscription = { url: receiver.url, kinds: ['verdict.changed' as const] };
    const { id: subscriptionId } = (await call('createSubscription', { body: subscription })) as { id: string };
    await call('getLockout');
    await call('listBreakGlass');
    await call('listSubscriptions');
    await call('listEvents', { query: { limit: 1000 } });
    await call('getSubscription', { path: { subscriptionId } });
    await call('testSubscription', { path: { subscriptionId } });
    await call('replaySubscription', { path: { subscriptionId }, body: {} });
    await call('removeSubscription', { path: { subscriptionId } });
    const [signer] = (await operator.call('listSigners', {})).items;
    await call('removeSigner', { path: { keyid: signer?.keyid ?? '' }, body: { reason: 'laptop stolen' } });
    const orchestrator = server.client(await server.token('orchestrator'));
    const review = { uid: 'x', operation: 'CREATE', resource: { group: '', resource: 'pods' }, object: {} } as const;
    const reviewed = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: review } as const;
    await call('reviewKubernetesAdmission', { body: reviewed }, orchestrator);
    await call('filterKubernetesNodes', { body: { Pod: {}, NodeNames: ['hv-1'] } }, orchestrator);
    await call('prioritizeKubernetesNodes', { body: { Pod: {}, NodeNames: ['hv-1'] } }, orchestrator);
    const inTheStory = [
      ...['createEnrollment', 'activateEnrollment', 'createChallenge', 'createAttestation', 'createSigner'],
      ...['proposeGoldenMeasurement', 'putPolicy', 'createTrustAnchor'],
    ];
    const untold = Object.keys(routes).filter((name) => !answered.has(name) && !inTheStory.includes(name));
    assert.deepEqual(
      untold,
      ['signGoldenMeasurement', 'advanceRollout', 'endLockout', 'submitBreakGlass', 'getBreakGlass', 'endBreakGlass'],
      'told in test/server/golden, rollout, lockout and break-glass',
    );
    for (const { action, details } of (await operator.call('listAudit', { query: { limit: 1000 } })).items) {
      const fields: readonly string[] = Object.keys(eventKinds[action as EventKind].fields);
      for (const name of Object.keys(details)) assert.ok(fields.includes(name), `events of ${action} hide ${name}`);
    }
    await server.close();
    await receiver.close();
  });
});
