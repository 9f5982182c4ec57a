// Every answer fits the contract. A server under test checks each before it leaves, so all there is to do is to ask for each.
import assert from 'node:assert/strict';
import { routes, type OperationId } from '../../src/api/index.ts';
import { denyPayloadType, encodeDenyList, type DenyEntry } from '../../src/core/deny/index.ts';
import { encodeBase64, encodePem } from '../../src/core/encoding/index.ts';
import { parseArchive } from '../../src/core/evidence-bundle/index.ts';
import { eventKinds, type EventKind } from '../../src/server/events/event-kinds.table.ts';
import { signedBundle } from '../support/anchor-bundle.ts';
import { issuers, listBody } from '../support/authority-lists.ts';
import { exportBundle } from '../support/export.ts';
import {
  attest,
  bootLayers,
  enrol,
  paperHost,
  signStatement,
  trustedWorld,
  type TrustedWorld,
} from '../support/paper-story.ts';
import { startReceiver } from '../support/receiver.ts';
import { startTestServer, testStart, type TestServer } from '../support/test-server.ts';

type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** Told on the way to a trusted host: by `trustedWorld`, `enrol` and `attest`. */
const inTheStory = [
  ...['createEnrollment', 'activateEnrollment', 'createChallenge', 'createAttestation', 'createSigner'],
  ...['proposeGoldenMeasurement', 'putPolicy', 'createTrustAnchor'],
];

const denyNobody: DenyEntry = {
  id: 'nobody',
  reason: 'x',
  cves: ['CVE-2026-12345'],
  denies: { kind: 'measurement', digests: new Map([['sha256', new Uint8Array(32)]]) },
};

describe('every answer fits the contract', () => {
  let receiver: Receiver;
  let server: TestServer;
  let world: TrustedWorld;
  const hostId = 'hv-1';
  const path = { hostId };
  const answered = new Set<string>();
  before(async () => {
    receiver = await startReceiver();
    const events = { webhookHosts: [receiver.host], allowLoopback: true };
    const settings = { intermediates: { fetchHosts: ['127.0.0.1:1'] }, enrolment: { approval: 'queue' }, events };
    server = await startTestServer({ settings });
    world = await trustedWorld(server);
  });
  after(async () => {
    await server.close();
    await receiver.close();
  });

  async function call<Answer = unknown>(
    id: OperationId,
    options: object = {},
    caller = server.operator,
  ): Promise<Answer> {
    answered.add(id);
    const answer: Promise<unknown> = caller.call(id, options);
    return (await answer) as Answer;
  }
  /** Of operations whose answer is not JSON: its length in bytes. */
  async function lengthOf(id: OperationId, options: object = {}): Promise<number> {
    answered.add(id);
    return (await server.operator.callRaw(id, { headers: { accept: '*/*' }, ...options })).body.length;
  }

  it('about the server, its keys, and its authority for attestation keys', async () => {
    await call('getHealth');
    await call('getReadiness');
    assert.ok((await lengthOf('getMetrics')) > 1000);
    await call('getJwks');
    await call('createSigningKey', { body: { reason: 'x' } });
    await call('listSigningKeys');
    for (const id of [
      'getAttestationCaCertificate',
      'getAttestationCaCrl',
      'getAttestationCaChain',
      'getCoseKeys',
    ] as const) {
      assert.ok((await lengthOf(id)) > 100);
    }
    const { items } = await call<{ items: { authorityId: string }[] }>('listAttestationAuthorities');
    const authority = { authorityId: items[0]?.authorityId ?? '' };
    assert.ok((await lengthOf('getAttestationAuthorityCrl', { path: authority })) > 100);
  });

  it('about hosts, and hosts that are set aside', async () => {
    await call('listHosts');
    await call('getHost', { path });
    await call('setHostLabels', { path, body: { labels: { zone: 'a' } } });
    await call('getVerdict', { path });
    const { id: quarantineId } = await call<{ id: string }>('createQuarantine', {
      body: { hosts: { names: [hostId] }, reason: 'x', expiresInSeconds: 60 },
    });
    await call('previewQuarantine', { body: { hosts: { all: true } } });
    await call('listQuarantines');
    await call('liftQuarantine', { path: { quarantineId }, body: { reason: 'x' } });
  });

  it('about deny lists', async () => {
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
  });

  it('about who waits to be enrolled, and who comes under two names', async () => {
    const joiner = server.client(await server.token('joiner'));
    await assert.rejects(enrol(server, paperHost('hv-2'), joiner), { code: 'ENROLLMENT_WAITING' });
    const { items: pending } = await call<{ items: { id: string }[] }>('listPendingHosts');
    await call('tryApprovalRules', { body: { rules: [{ name: 'x', effect: 'deny', when: { hostName: '*' } }] } });
    const answering = { path: { pendingId: pending[0]?.id ?? '' } };
    await call('approvePendingHost', { ...answering, body: { reason: 'x' } });
    await call('rejectPendingHost', { ...answering, body: { reason: 'x' } });
    await assert.rejects(enrol(server, world.host.cloneAs('hv-3')), { code: 'HOST_EK_ALREADY_ENROLLED' });
    await call('listIdentityConflicts');
  });

  it('about evidence, and what follows from it', async () => {
    await call('getEvidence', { path });
    answered.add('exportHost');
    assert.equal(parseArchive(await exportBundle(server, hostId))[0]?.name, 'manifest.json');
    await call('explainHost', { path });
    await call('getNextAttestations', { query: { policy: 'fleet' } });
    await call('listOutliers', { query: { atMost: 2, labels: 'zone=a' } });
    await call('createCapture', { path, body: { layers: bootLayers } });
    await call('createAdmissionDecision', { body: { host: hostId } });
    await call('createAdmissionBatch', { body: { requests: [{ hosts: [hostId] }], tokens: true } });
  });

  it('about golden measurements, signers and policies', async () => {
    await call('listGoldenMeasurements', { query: { limit: 1 } });
    await call('getGoldenMeasurement', { path: { goldenId: world.goldens[0] } });
    await call('listSigners');
    await call('listPolicies');
    await call('getPolicy', { path: { policyId: 'fleet' } });
  });

  it('about tokens and the audit log', async () => {
    const { id } = await call<{ id: string }>('createToken', {
      body: { name: 'x', role: 'auditor', expiresInSeconds: 60 },
    });
    await call('listTokens');
    await call('revokeToken', { path: { tokenId: id } });
    await call('listAudit', { query: { after: 2, limit: 3 } });
    await call('getAuditCheckpoint', { query: { from: 1 } });
  });

  it('about golden measurements that end', async () => {
    await call('askWhatIf', { body: { retire: [world.goldens[0]] } });
    await call('retireGoldenMeasurement', { path: { goldenId: world.goldens[0] }, body: { reason: 'x' } });
    await call('revokeGoldenMeasurement', { path: { goldenId: world.goldens[1] }, body: { reason: 'x' } });
    await attest(world.enrolled, world.host);
  });

  it('about who vouches for TPMs', async () => {
    const anchors = await call<{ items: { id: string }[] }>('listTrustAnchors');
    const anchorId = anchors.items[0]?.id ?? '';
    const ek = { ekDigest: 'e'.repeat(64) };
    await call('registerEk', { path: ek, body: { label: 'rack 3', hostId: 'hv-7' } });
    await call('listRegisteredEks', { query: { limit: 1 } });
    await call('unregisterEk', { path: ek });
    await call('previewRevocationLists', { body: listBody('root', { madeAt: server.now() }) });
    await call('importRevocationLists', { body: listBody('root', { madeAt: server.now() }) });
    const lists = await call<{ items: { id: string; thisUpdate: string }[] }>('listRevocationLists');
    const { id: revocationListId = '', thisUpdate = '' } = lists.items[0] ?? {};
    await call('removeRevocationList', { path: { revocationListId }, body: { thisUpdate, reason: 'x' } });
    const pem = encodePem('CERTIFICATE', issuers.intermediate);
    const { items } = await call<{ items: { id: string }[] }>('importIntermediates', { body: { pem } });
    const allowed = { url: 'http://127.0.0.1:1/ca.crt', name: 'CN=x' };
    const { source } = await call<{ source: { id: string } }>('allowIntermediateSource', { body: allowed });
    await call('listIntermediates');
    await call('removeIntermediate', { path: { intermediateId: items[0]?.id ?? '' } });
    await call('forgetIntermediateSource', { path: { sourceId: source.id } });
    const staged = { name: 'staged', pem: encodePem('CERTIFICATE', issuers.intermediate), staged: true };
    await call('importTrustAnchorBundle', { body: { envelope: signedBundle(world.operators), staged: true } });
    const { id: stagedId } = await call<{ id: string }>('createTrustAnchor', { body: staged });
    await call('activateTrustAnchor', { path: { anchorId: stagedId } });
    await call('withdrawTrustAnchor', { path: { anchorId }, body: { reason: 'x' } });
  });

  it('about hosts that end', async () => {
    await call('releaseHost', { path, body: { reason: 'x' } });
    await call('replaceTpm', { path, body: { reason: 'x', expiresInSeconds: 3600 } });
    await call('retireHost', { path, body: { reason: 'x' } });
  });

  it('about rollouts', async () => {
    const rollout = { name: 'x', goldens: [world.goldens[2]], stages: [{ share: 5, minimumHosts: 1 }] };
    await call('startRollout', { body: rollout });
    await call('listRollouts');
    await call('getRollout', { path: { rolloutName: 'x' } });
    await call('resumeRollout', { path: { rolloutName: 'x' }, body: { reason: 'x' } });
    await call('pauseRollout', { path: { rolloutName: 'x' }, body: { reason: 'x' } });
    await call('rollBackRollout', { path: { rolloutName: 'x' }, body: { reason: 'x' } });
  });

  it('about events, and who is told of them', async () => {
    const subscription = { url: receiver.url, kinds: ['verdict.changed' as const] };
    const { id: subscriptionId } = await call<{ id: string }>('createSubscription', { body: subscription });
    await call('getLockout');
    await call('listBreakGlass');
    await call('listSubscriptions');
    await call('listEvents', { query: { limit: 1000 } });
    await call('getSubscription', { path: { subscriptionId } });
    await call('testSubscription', { path: { subscriptionId } });
    await call('replaySubscription', { path: { subscriptionId }, body: {} });
    await call('removeSubscription', { path: { subscriptionId } });
  });

  it('about a signer who is taken away', async () => {
    const [signer] = (await server.operator.call('listSigners', {})).items;
    await call('removeSigner', { path: { keyid: signer?.keyid ?? '' }, body: { reason: 'laptop stolen' } });
  });

  it('to Kubernetes', async () => {
    const orchestrator = server.client(await server.token('orchestrator'));
    const review = { uid: 'x', operation: 'CREATE', resource: { group: '', resource: 'pods' }, object: {} } as const;
    const reviewed = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: review } as const;
    await call('reviewKubernetesAdmission', { body: reviewed }, orchestrator);
    await call('filterKubernetesNodes', { body: { Pod: {}, NodeNames: ['hv-1'] } }, orchestrator);
    await call('prioritizeKubernetesNodes', { body: { Pod: {}, NodeNames: ['hv-1'] } }, orchestrator);
  });

  it('and no operation was left out', () => {
    const untold = Object.keys(routes).filter((name) => !answered.has(name) && !inTheStory.includes(name));
    assert.deepEqual(
      untold,
      ['signGoldenMeasurement', 'advanceRollout', 'endLockout', 'submitBreakGlass', 'getBreakGlass', 'endBreakGlass'],
      'told in test/server/golden, rollout, lockout and break-glass',
    );
  });

  it('and what the audit log tells of it all are the details that its events show', async () => {
    for (const { action, details } of (await server.operator.call('listAudit', { query: { limit: 1000 } })).items) {
      const fields: readonly string[] = Object.keys(eventKinds[action as EventKind].fields);
      for (const name of Object.keys(details)) assert.ok(fields.includes(name), `events of ${action} hide ${name}`);
    }
  });
});
