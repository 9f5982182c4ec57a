// Two servers over one PostgreSQL, as one to everybody who asks: what one was told is in force at the other, what is to be done once is
// done by one of them, and the one that is left goes on when the other is killed.
import assert from 'node:assert/strict';
import { createApiClient, type ApiClient, type Prove } from '../../src/api/index.ts';
import { checkConfig, startServer, type RunningServer } from '../../src/server/index.ts';
import { openStore, type Store } from '../../src/server/storage/index.ts';
import { encodeDenyList, denyPayloadType } from '../../src/core/deny/index.ts';
import { encodeBase64 } from '../../src/core/encoding/index.ts';
import {
  applyPolicy,
  attest,
  bootLayers,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  signStatement,
  submit,
  trustedWorld,
  type TrustedWorld,
} from '../support/paper-story.ts';
import { createTestDatabase, postgresAt } from '../support/postgres.ts';
import { refuses } from '../support/problems.ts';
import { startReceiver, type EventReceiver } from '../support/receiver.ts';
import { createServerProcess, type ServerProcess } from '../support/server-process.ts';

describe('two servers over one PostgreSQL', function () {
  this.timeout(120_000);
  let receiver: EventReceiver;
  let other: ServerProcess;
  let own: RunningServer;
  let store: Store;
  let world: TrustedWorld;
  const clients: ApiClient[] = [];
  const here = (token: string, prove?: Prove): ApiClient => {
    const client = createApiClient({ baseUrl: own.url, token, ...(prove && { prove }) });
    clients.push(client);
    return client;
  };
  const there = (): ApiClient => other.client(other.token);
  const path = { hostId: 'hv-1' };

  before(async () => {
    receiver = await startReceiver();
    const storage = await createTestDatabase();
    const lockout = { sharePercent: 50, leastHosts: 2 };
    const settings = { storage, lockout, events: { webhookHosts: [receiver.host], allowLoopback: true } };
    other = await createServerProcess(settings);
    await other.start();
    const more = { serverId: 'test.example', listen: { port: 0 }, log: { level: 'silent' } };
    own = await startServer(checkConfig({ ...more, ...settings }, other.dataDirectory), { announce: () => undefined });
    store = await openStore({ dataDirectory: other.dataDirectory, storage: postgresAt(storage) });
    world = await trustedWorld(other.world());
  });
  after(async () => {
    clients.forEach((client) => client.close());
    await own.close(0);
    await store.close();
    await other.remove();
    await receiver.close();
  });

  it('accept a nonce once, whichever of them it was made by and shown to', async () => {
    const { enrolled, host } = world;
    const elsewhere = { ...enrolled, client: here(enrolled.token, enrolled.prove) };
    for (const asked of [enrolled, elsewhere]) {
      const evidence = await evidenceFor(host, await challengeFor(asked, host));
      const answers = await Promise.allSettled([submit(enrolled, evidence), submit(elsewhere, evidence)]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      await refuses(submit(elsewhere, evidence), 'CHALLENGE_NOT_FOUND', 409);
    }
  });

  it('count together who loses trust, and hold at once what one of them began to hold, until either ends it', async () => {
    const another = paperHost('hv-2');
    const enrolledToo = await enrol(other.world(), another);
    await attest(enrolledToo, another);
    const elsewhere = { ...world.enrolled, client: here(world.enrolled.token, world.enrolled.prove) };
    const operators = [here(other.token), there()];
    const heldBy = async () => {
      const answers = operators.map((api) => api.call('getVerdict', { path: { hostId: 'hv-2' } }));
      return (await Promise.all(answers)).map(({ status, held }) => [status, held !== undefined]);
    };

    await applyPolicy(other.world(), 'fleet', { layers: [...bootLayers, 'confidential-guest'] });
    await attest(elsewhere, world.host);
    assert.equal(await store.findLockout(), undefined, 'one of two is no lockout');
    await attest(enrolledToo, another);
    assert.equal((await store.findLockout())?.flipped, 2, 'each server saw one of them');
    const held = ['affirming', true];
    assert.deepEqual(await heldBy(), [held, held]);
    await operators[0]!.call('endLockout', { body: { reason: 'a test' } });
    assert.deepEqual(await heldBy(), [
      ['none', false],
      ['none', false],
    ]);
    await applyPolicy(other.world());
    await attest(elsewhere, world.host);
    await attest(enrolledToo, another);
    assert.equal(await store.countFlips(0), 0, 'both have their trust back');
  });

  it('deny at once what a deny list says that the other was given, until either removes it', async () => {
    const operators = [here(other.token), there()];
    const decisions = async () => {
      const answers = operators.map((api) => api.call('createAdmissionDecision', { body: { host: 'hv-1' } }));
      return (await Promise.all(answers)).map(({ decision }) => decision);
    };
    assert.deepEqual(await decisions(), ['allow', 'allow']);
    const entry = {
      id: 'kernel',
      reason: 'a test',
      cves: [],
      denies: { kind: 'golden', id: world.goldens[0]! } as const,
    };
    const list = { name: 'fleet', version: 1, issuedAt: new Date(0), entries: [entry] };
    const document = { payloadType: denyPayloadType, payload: encodeBase64(encodeDenyList(list)) };
    const signatures = world.operators.map((one) => ({ sig: signStatement(one, document) }));
    await there().call('importDenyList', { body: { envelope: { ...document, signatures } } });
    assert.deepEqual(await decisions(), ['deny', 'deny']);
    const elsewhere = { ...world.enrolled, client: here(world.enrolled.token, world.enrolled.prove) };
    const denied = (await attest(elsewhere, world.host)).verdict.findings.map(({ code }) => code);
    assert.ok(denied.includes('DENIED_BY_LIST'), String(denied));
    const removal = { path: { denyListName: 'fleet' }, body: { reason: 'a test' } };
    await operators[0]!.call('removeDenyList', removal);
    await attest(world.enrolled, world.host);
    assert.deepEqual(await decisions(), ['allow', 'allow']);
  });

  it('know at once what the other was told: quarantines, tokens, policies, golden measurements, anchors', async () => {
    const operator = here(other.token);
    const statusHere = async () => (await operator.call('getVerdict', { path })).status;
    assert.equal(await statusHere(), 'affirming');

    const quarantine = await there().call('createQuarantine', { body: { hosts: { names: ['hv-1'] }, reason: 'test' } });
    assert.equal(await statusHere(), 'none');
    await there().call('liftQuarantine', { path: { quarantineId: quarantine.id }, body: { reason: 'done' } });
    assert.equal(await statusHere(), 'affirming');

    const { id: tokenId, token } = await there().call('createToken', { body: { name: 'auditor', role: 'auditor' } });
    await here(token).call('listAudit', { query: {} });
    await there().call('revokeToken', { path: { tokenId } });
    await refuses(here(token).call('listAudit', { query: {} }), 'AUTH_TOKEN_INVALID', 401);

    const elsewhere = { ...world.enrolled, client: here(world.enrolled.token, world.enrolled.prove) };
    await applyPolicy(other.world(), 'fleet', { layers: ['firmware', 'confidential-guest'] });
    assert.notEqual((await attest(elsewhere, world.host)).verdict.status, 'affirming');
    await applyPolicy(other.world());
    assert.equal((await attest(elsewhere, world.host)).verdict.status, 'affirming');

    const body = { reason: 'a test' };
    await there().call('revokeGoldenMeasurement', { path: { goldenId: world.goldens[0]! }, body });
    assert.notEqual(await statusHere(), 'affirming');
    const [anchor] = (await operator.call('listTrustAnchors', {})).items;
    await there().call('withdrawTrustAnchor', { path: { anchorId: anchor!.id }, body });
    assert.equal((await operator.call('listTrustAnchors', {})).items[0]?.withdrawnBecause, 'a test');
  });

  it('bring each event once, and the one that is left brings the rest when the other is killed', async () => {
    await there().call('createSubscription', {
      body: { url: receiver.url, kinds: ['host.labelled'] },
    });
    let number = 0;
    const label = async (api: ApiClient): Promise<void> => {
      number += 1;
      await api.call('setHostLabels', { path, body: { labels: { number: String(number) } } });
    };
    const ids = () => receiver.events().map(({ id }) => id);
    const told = (count: number) => receiver.until(() => new Set(ids()).size >= count);
    const operator = here(other.token);
    for (const api of [operator, there(), operator, there()]) await label(api);
    await told(4);
    assert.equal(ids().length, 4, 'one of them brings them');

    await other.end('SIGKILL');
    for (const api of [operator, operator]) await label(api);
    await told(6);
    const labelled = (await store.listAudit(0, 1000)).filter(({ action }) => action === 'host.labelled');
    assert.deepEqual(
      [...new Set(ids())],
      labelled.map(({ sequence }) => String(sequence)),
      'all of them, in the order of the audit log',
    );
    assert.ok(ids().length <= 7, 'none twice but the one that was under way');
  });
});
