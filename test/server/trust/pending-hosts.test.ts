import assert from 'node:assert/strict';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { spkiDigest } from '../../../src/core/crypto/index.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import type { ApiClient } from '../../../src/api/index.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';
import { afterAskingApproval } from '../../support/after-asking.ts';
import { enrol, enrolmentBody, paperHost, trustSimulator } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { auditDraft } from '../../support/stored-records.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('the approval queue', () => {
  let server: TestServer;
  let joiner: ApiClient;
  const settings = { approval: 'queue', queuePlaces: 4, queueHours: 2 };
  beforeEach(async () => {
    server = await startTestServer({ settings: { enrolment: settings } });
    await trustSimulator(server);
    joiner = server.client(await server.token('joiner'));
  });
  afterEach(() => server.close());

  const waits = (host: PaperHost, client = joiner) => refuses(enrol(server, host, client), 'ENROLLMENT_WAITING', 403);
  const pending = async () => (await server.operator.call('listPendingHosts', {})).items;
  const idOf = async (name: string) => (await pending()).find(({ hostName }) => hostName === name)?.id ?? 'none';
  const approve = async (name: string) =>
    server.operator.call('approvePendingHost', { path: { pendingId: await idOf(name) }, body: {} });
  const reject = async (name: string) =>
    server.operator.call('rejectPendingHost', { path: { pendingId: await idOf(name) }, body: { reason: 'not ours' } });
  const audit = async () => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items;
  const digestOf = async (host: PaperHost) =>
    encodeHex(spkiDigest(verifyEndorsementKey(await host.ekPublic()).public.publicKey));

  it('keeps a host that proved its TPM waiting until an operator approves it, then enrols it', async () => {
    const host = paperHost('hv-1');
    const refusal = await waits(host);
    assert.equal(refusal.retryAfterSeconds, 60);
    assert.match(refusal.message, new RegExp(await digestOf(host)));
    const [waiting] = await pending();
    assert.deepEqual(
      [waiting?.hostName, waiting?.state, waiting?.endorser, waiting?.joinTokenName, waiting?.ekDigest],
      ['hv-1', 'waiting', 'simulator', 'test joiner', await digestOf(host)],
    );
    assert.match(waiting?.tpm?.issuer ?? '', /simulator/i);
    assert.equal((await approve('hv-1')).state, 'approved');
    await refuses(server.operator.call('getHost', { path: { hostId: 'hv-1' } }), 'HOST_NOT_FOUND', 404);
    assert.equal((await enrol(server, host, joiner)).hostId, 'hv-1');
    assert.deepEqual(await pending(), []);
    const told = (await audit()).filter(({ subject }) => subject === 'hv-1').map(({ action }) => action);
    assert.deepEqual(told, ['host.pending', 'host.approved', 'host.enrolled']);
    assert.match(String((await audit()).at(-1)?.details['approvedBy']), /^token tok_/);
  });

  it('gives nothing that waits a certificate, a token, a verdict or a yes of admission', async () => {
    await waits(paperHost('hv-1'));
    await approve('hv-1');
    for (const call of ['getHost', 'getVerdict'] as const) {
      await refuses(server.operator.call(call, { path: { hostId: 'hv-1' } }), 'HOST_NOT_FOUND', 404);
    }
    const { decision, reasons } = await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.deepEqual([decision, reasons[0]?.code], ['deny', 'HOST_UNKNOWN']);
    assert.ok((await server.operator.call('listTokens', {})).items.every(({ role }) => role !== 'host'));
  });

  it('lets in at once whom an operator registered, or enrols, or who is enrolled already', async () => {
    const registered = paperHost('hv-1');
    await server.operator.call('registerEk', {
      path: { ekDigest: await digestOf(registered) },
      body: { label: 'rack 3' },
    });
    await enrol(server, registered, joiner);
    await enrol(server, paperHost('hv-2'));
    await enrol(server, paperHost('hv-2'), joiner);
    assert.deepEqual(await pending(), []);
  });

  it('lets nobody in whose registration ended while the enrolment was being finished', async () => {
    const host = paperHost('hv-1');
    const ekDigest = await digestOf(host);
    await server.operator.call('registerEk', { path: { ekDigest }, body: { label: 'rack 3' } });
    const token = await server.token('joiner');
    await server.restart({
      wrapStore: afterAskingApproval((store) => store.unregisterEk(ekDigest, auditDraft('ek.unregistered'))),
    });
    await waits(host, server.client(token));
  });

  it('asks anew of an operator after a release', async () => {
    const host = paperHost('hv-1');
    await enrol(server, host);
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'moved' } });
    await waits(host);
  });

  it('approves one TPM, name and key: another name or another TPM has no use of it', async () => {
    const host = paperHost('hv-1');
    await waits(host);
    const seen = await idOf('hv-1');
    await waits(host.cloneAs('hv-2'));
    await refuses(
      server.operator.call('approvePendingHost', { path: { pendingId: seen }, body: {} }),
      'PENDING_HOST_NOT_FOUND',
      404,
    );
    await approve('hv-2');
    await waits(paperHost('hv-2', { seed: 'thief' }));
    await waits(host);
    assert.deepEqual((await pending()).map(({ hostName, state }) => [hostName, state]).sort(), [
      ['hv-1', 'waiting'],
      ['hv-2', 'waiting'],
    ]);
  });

  it('does not approve two TPMs for one name, nor a name that is taken', async () => {
    const [one, two] = [paperHost('hv-1'), paperHost('hv-1', { seed: 'two' })];
    await waits(one);
    await waits(two);
    const [first, second] = await pending();
    assert.ok(first && second);
    const say = (pendingId: string) => server.operator.call('approvePendingHost', { path: { pendingId }, body: {} });
    await say(first.id);
    await refuses(say(second.id), 'HOST_NAME_TAKEN', 409);
    const winner = first.ekDigest === (await digestOf(one)) ? one : two;
    await enrol(server, winner, joiner);
    await refuses(say(second.id), 'HOST_NAME_TAKEN', 409);
  });

  it('tells a rejected TPM why, whatever name it takes, and lets an operator think again', async () => {
    const host = paperHost('hv-1');
    await waits(host);
    await reject('hv-1');
    const refusal = await refuses(enrol(server, host, joiner), 'ENROLLMENT_REJECTED', 403);
    assert.match(refusal.message, /not ours/);
    await refuses(enrol(server, host.cloneAs('hv-9'), joiner), 'ENROLLMENT_REJECTED', 403);
    await approve('hv-1');
    await enrol(server, host, joiner);
  });

  it('ends what nobody answered, what nobody used and what was rejected, and records the first two', async () => {
    const [host, approved, rejected] = [paperHost('hv-1'), paperHost('hv-2'), paperHost('hv-3')];
    for (const one of [host, approved, rejected]) await waits(one);
    await approve('hv-2');
    await reject('hv-3');
    server.advance(2 * 3600);
    assert.deepEqual(await pending(), []);
    const ended = (await audit()).filter(({ action }) => action === 'host.pending-expired');
    assert.deepEqual(ended.map(({ subject }) => subject).sort(), ['hv-1', 'hv-2']);
    for (const one of [approved, rejected]) await waits(one);
  });

  it('has a bounded number of places; a flood pushes nobody out', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await waits(paperHost(name));
    for (const name of ['e', 'f', 'g']) {
      await refuses(enrol(server, paperHost(name), joiner), 'ENROLLMENT_QUEUE_FULL', 429);
    }
    assert.deepEqual((await pending()).map(({ hostName }) => hostName).sort(), ['a', 'b', 'c', 'd']);
    await waits(paperHost('a'));
    await reject('d');
    await waits(paperHost('e'));
  });

  it('remembers as many rejections as it has places, the newest', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await waits(paperHost(name));
      await reject(name);
      server.advance(1);
    }
    assert.deepEqual((await pending()).map(({ hostName }) => hostName).sort(), ['b', 'c', 'd', 'e']);
  });

  it('is read in pages', async () => {
    for (const name of ['a', 'b', 'c']) await waits(paperHost(name));
    const first = await server.operator.call('listPendingHosts', { query: { limit: 2 } });
    assert.ok(first.next !== undefined);
    const second = await server.operator.call('listPendingHosts', { query: { limit: 2, after: first.next } });
    assert.equal(second.next, undefined);
    const names = [...first.items, ...second.items].map(({ hostName }) => hostName);
    assert.deepEqual(names.sort(), ['a', 'b', 'c']);
  });

  it('keeps what waits over a restart', async () => {
    await waits(paperHost('hv-1'));
    await approve('hv-1');
    await server.restart();
    await enrol(server, paperHost('hv-1'));
  });
});

describe('the approval queue of a server that anybody may ask', () => {
  it('gives strangers half of the places, here and before their activation', async () => {
    const enrolment = { approval: 'queue', mode: 'open', queuePlaces: 4, maxPending: 4 };
    const server = await startTestServer({ settings: { enrolment } });
    await trustSimulator(server);
    const [stranger, joiner] = [server.client(), server.client(await server.token('joiner'))];
    const waits = (name: string, client: ApiClient) =>
      refuses(enrol(server, paperHost(name), client), 'ENROLLMENT_WAITING');
    await waits('a', stranger);
    await waits('b', stranger);
    await refuses(enrol(server, paperHost('c'), stranger), 'ENROLLMENT_QUEUE_FULL', 429);
    await waits('d', joiner);
    const body = await enrolmentBody(paperHost('x'));
    for (let opened = 0; opened < 2; opened += 1) await stranger.call('createEnrollment', { body });
    await refuses(stranger.call('createEnrollment', { body }), 'ENROLLMENT_TOO_MANY_PENDING', 429);
    await waits('e', joiner);
    await server.close();
  });
});
