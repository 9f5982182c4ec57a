import assert from 'node:assert/strict';
import { parseJwks } from '../../../src/core/crypto/index.ts';
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { verifyEvent } from '../../../src/core/verdict/index.ts';
import { retryDelay } from '../../../src/server/events/courier.ts';
import { parseRetryAfter } from '../../../src/server/events/webhook.ts';
import { webhookUrl } from '../../../src/server/events/webhook-exchange.ts';
import { doctor } from '../../../src/server/index.ts';
import type { Store } from '../../../src/server/storage/index.ts';
import { attest, enrol, paperHost, trustedWorld, trustSimulator } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startReceiver, type EventReceiver } from '../../support/receiver.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('webhooks', () => {
  let receiver: EventReceiver;
  let server: TestServer;
  beforeEach(async () => {
    receiver = await startReceiver();
    const events = { webhookHosts: [receiver.host], allowLoopback: true, pauseAfterSeconds: 60 };
    server = await startTestServer({ settings: { events } });
  });
  afterEach(async () => {
    await server.close();
    await receiver.close();
  });

  const subscribe = (more: object = {}) =>
    server.operator.call('createSubscription', { body: { url: receiver.url, ...more } });
  const kindsOf = () => receiver.events().map(({ type }) => type.replace('dev.touchstone.', ''));
  const lockAll = (reason: string) =>
    server.operator.call('createQuarantine', { body: { hosts: { all: true }, reason } });

  it('sends the exact bytes of a CloudEvent, signed by a key of the key set', async () => {
    const { id } = await subscribe({ kinds: ['quarantine.opened'] });
    const opened = await lockAll('ticket 4711');
    await receiver.until(() => receiver.accepted.length === 1);
    const [{ headers, body }] = receiver.accepted as [(typeof receiver.accepted)[0]];
    const { items } = await server.operator.call('listAudit', {});
    const entry = items.find(({ action }) => action === 'quarantine.opened')!;
    const { sequence } = entry;
    const text =
      `{"specversion":"1.0","id":"${sequence}","source":"touchstone:test.example","type":"dev.touchstone.quarantine.opened",` +
      `"subject":"${opened.id}","time":"2026-11-25T12:00:00.000Z","datacontenttype":"application/json",` +
      `"sequence":"${String(sequence).padStart(16, '0')}","data":{"actor":"${entry.actor}","actorName":"first operator",` +
      `"hosts":"{\\"all\\":true}","reason":"ticket 4711","until":null}}`;
    assert.equal(new TextDecoder().decode(body), text);
    assert.equal(headers['content-type'], 'application/cloudevents+json; charset=UTF-8');
    assert.equal(headers['webhook-request-origin'], 'test.example');
    const jwks = parseJwks(encodeUtf8(JSON.stringify(await server.client().call('getJwks', {}))));
    const kid = await verifyEvent(body, String(headers['touchstone-signature']), jwks, {
      subscription: id,
      at: server.now(),
    });
    assert.equal(kid, jwks[0]?.kid);
  });

  it('sends several events in one body where the receiver takes batches', async () => {
    await lockAll('first');
    await lockAll('second');
    await subscribe({ kinds: ['quarantine.opened'], batch: true, after: 0 });
    await receiver.until(() => receiver.accepted.length === 1);
    assert.equal(receiver.accepted[0]?.headers['content-type'], 'application/cloudevents-batch+json; charset=UTF-8');
    assert.deepEqual(
      receiver.events().map(({ data }) => data['reason']),
      ['first', 'second'],
    );
  });

  it('tells what became of a host in its order, with reasons and the end of each verdict', async () => {
    await subscribe({ kinds: ['host.enrolled', 'verdict.changed', 'verdict.voided', 'host.quarantined'] });
    const { host, enrolled, goldens } = await trustedWorld(server);
    await lockAll('x');
    await server.operator.call('revokeGoldenMeasurement', {
      path: { goldenId: goldens[0]! },
      body: { reason: 'bad', cve: 'CVE-2026-0001' },
    });
    await attest(enrolled, host);
    await receiver.until(() => receiver.accepted.length === 6);
    assert.deepEqual(kindsOf(), [
      'host.enrolled',
      'verdict.changed',
      'verdict.changed',
      'host.quarantined',
      'verdict.voided',
      'verdict.changed',
    ]);
    const [, first, good, , voided, last] = receiver.events();
    assert.deepEqual([first?.data['before'], first?.data['findings']], [null, ['POLICY_ABSENT']]);
    assert.deepEqual(
      [good?.data['status'], good?.data['before'], good?.data['expiresAt']],
      ['affirming', first?.data['status'], '2026-11-25T12:10:00.000Z'],
    );
    assert.deepEqual([voided?.data['code'], voided?.data['golden']], ['GOLDEN_MEASUREMENT_REVOKED', goldens[0]]);
    assert.equal(last?.data['before'], 'affirming');
    assert.ok((last.data['findings'] as string[]).length > 0);
  });

  it('selects by kind and by the labels of hosts, also of a host that loses its label', async () => {
    await trustSimulator(server);
    for (const name of ['hv-1', 'hv-2']) await enrol(server, paperHost(name));
    const label = (hostId: string, labels: Record<string, string>) =>
      server.operator.call('setHostLabels', { path: { hostId }, body: { labels } });
    await label('hv-2', { rack: '4' });
    await subscribe({ labels: { rack: '3' } });
    await label('hv-1', { rack: '3', zone: 'b' });
    await lockAll('x');
    // Labels are those that the host has when the event is sent.
    await receiver.until(() => receiver.accepted.length === 2);
    await label('hv-2', { rack: '5' });
    await label('hv-1', {});
    await label('hv-1', { rack: '9' });
    await label('hv-1', { rack: '3' });
    await receiver.until(() => receiver.accepted.length === 4);
    assert.deepEqual(kindsOf(), ['host.labelled', 'host.quarantined', 'host.labelled', 'host.labelled']);
    assert.ok(receiver.events().every(({ subject }) => subject === 'hv-1'));
  });

  it('says of a receiver that a fault of ours keeps from its events that it fails, until it goes on', async () => {
    let broken = true;
    const listAudit = (store: Store): Store['listAudit'] =>
      function (...asked) {
        if (broken) throw new TypeError('a fault');
        return store.listAudit(...asked);
      };
    await server.restart({ wrapStore: (store) => ({ ...store, listAudit: listAudit(store) }) });
    const path = { subscriptionId: (await subscribe({ kinds: ['quarantine.opened'] })).id };
    const look = () => server.operator.call('getSubscription', { path });
    await lockAll('x');
    await until(async () => (await look()).state === 'failing');
    assert.equal((await look()).failure, 'SERVER_INTERNAL');
    broken = false;
    await receiver.until(() => receiver.accepted.length === 1);
    await until(async () => (await look()).state === 'active');
  });

  it('brings again what was not acknowledged, in order, and honours Retry-After', async () => {
    const answers = [
      { status: 500 },
      { status: 302, headers: { location: receiver.url } },
      { status: 429, headers: { 'retry-after': '1' } },
    ];
    receiver.answer = () => answers.shift();
    const { id } = await subscribe({ kinds: ['quarantine.opened'] });
    await lockAll('first');
    await lockAll('second');
    await receiver.until(() => receiver.accepted.length === 2);
    assert.equal(receiver.sent, 5);
    assert.deepEqual(
      receiver.events().map(({ data }) => data['reason']),
      ['first', 'second'],
    );
    const path = { subscriptionId: id };
    await until(async () => (await server.operator.call('getSubscription', { path })).state === 'active');
  });

  it('pauses a receiver that fails for too long, says so, and goes on where it stopped', async () => {
    receiver.answer = () => ({ status: 503 });
    const { id } = await subscribe({ kinds: ['quarantine.opened'] });
    const path = { subscriptionId: id };
    await lockAll('first');
    await receiver.until(() => receiver.sent === 1);
    await until(async () => (await server.operator.call('getSubscription', { path })).state === 'failing');
    server.advance(60);
    await until(async () => (await server.operator.call('getSubscription', { path })).state === 'paused');
    const { failure, cursor } = await server.operator.call('getSubscription', { path });
    assert.equal(failure, 'status 503');
    const { items } = await server.operator.call('listAudit', {});
    const paused = items.find(({ action }) => action === 'subscription.paused');
    assert.deepEqual(paused?.details, { url: receiver.url, failure: 'status 503', cursor });
    await server.restart();
    assert.match(server.running.shortcomings.map(({ message }) => message).join('\n'), new RegExp(id));
    const { sent } = receiver;
    await lockAll('second');
    receiver.answer = undefined;
    await server.operator.call('replaySubscription', { path, body: {} });
    await receiver.until(() => receiver.accepted.length === 2);
    assert.equal(receiver.sent, sent + 2, 'nothing was sent during the pause');
    assert.deepEqual(
      receiver.events().map(({ data }) => data['reason']),
      ['first', 'second'],
    );
  });

  it('pauses a receiver that is gone at once', async () => {
    receiver.answer = () => ({ status: 410 });
    const { id } = await subscribe({ kinds: ['quarantine.opened'] });
    await lockAll('first');
    await until(
      async () => (await server.operator.call('getSubscription', { path: { subscriptionId: id } })).state === 'paused',
    );
    assert.equal(receiver.sent, 1);
  });

  it('delivers again from a cursor, with the same bytes', async () => {
    const { id, cursor } = await subscribe({ kinds: ['quarantine.opened', 'quarantine.lifted'] });
    const { id: quarantineId } = await lockAll('first');
    await server.operator.call('liftQuarantine', { path: { quarantineId }, body: { reason: 'over' } });
    await receiver.until(() => receiver.accepted.length === 2);
    await server.operator.call('replaySubscription', { path: { subscriptionId: id }, body: { after: cursor } });
    await receiver.until(() => receiver.accepted.length === 4);
    const [first, second, third, fourth] = receiver.accepted.map(({ body }) => new TextDecoder().decode(body));
    assert.deepEqual([third, fourth], [first, second]);
  });

  it('tries a receiver on demand, and stops with its removal', async () => {
    const { id } = await subscribe({ kinds: ['quarantine.opened'] });
    const path = { subscriptionId: id };
    assert.deepEqual(await server.operator.call('testSubscription', { path }), { acknowledged: true });
    assert.deepEqual(kindsOf(), ['subscription.test']);
    receiver.answer = () => ({ status: 500 });
    assert.deepEqual(await server.operator.call('testSubscription', { path }), {
      acknowledged: false,
      failure: 'status 500',
    });
    receiver.answer = undefined;
    await server.operator.call('removeSubscription', { path });
    await lockAll('x');
    await refuses(server.operator.call('getSubscription', { path }), 'SUBSCRIPTION_NOT_FOUND', 404);
    await refuses(server.operator.call('removeSubscription', { path }), 'SUBSCRIPTION_NOT_FOUND', 404);
    assert.equal(receiver.sent, 2);
  });

  it('asks a receiver for permission, and believes no status', async () => {
    for (const permission of [{}, { 'webhook-allowed-origin': 'other.example' }]) {
      receiver.permission = permission;
      await refuses(subscribe(), 'SUBSCRIPTION_NOT_PERMITTED', 422);
    }
    receiver.permission = { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '120' };
    assert.equal((await subscribe()).ratePerMinute, 120);
    await receiver.close();
    await refuses(subscribe(), 'SUBSCRIPTION_NOT_PERMITTED', 422);
  });

  it('connects to hosts of the configuration only', async () => {
    for (const url of ['https://elsewhere.example/', 'http://127.0.0.1:1/', receiver.url.replace('//', '//user:x@')]) {
      await refuses(server.operator.call('createSubscription', { body: { url } }), 'SUBSCRIPTION_URL_REFUSED', 422);
    }
    const policy = { hosts: ['a.example', '127.0.0.1:80', '10.0.0.1'], ca: undefined, timeoutMs: 1 };
    const judge = (url: string, allowLoopback: boolean) => webhookUrl(url, { ...policy, allowLoopback }) !== undefined;
    assert.equal(judge('https://a.example/x', false), true);
    assert.equal(judge('http://a.example/x', true), false);
    assert.equal(judge('https://a.example:8443/', false), false);
    assert.equal(judge('http://127.0.0.1/', false), false);
    assert.equal(judge('http://10.0.0.1/', true), false);
    assert.equal(judge('ftp://a.example/', true), false);
  });

  it('has no room for more subscriptions than the configuration allows', async () => {
    await server.close();
    const events = { webhookHosts: [receiver.host], allowLoopback: true, maximumSubscriptions: 1 };
    server = await startTestServer({ settings: { events } });
    await subscribe();
    await refuses(subscribe(), 'SUBSCRIPTION_TOO_MANY', 409);
  });

  it('refuses loopback unless the configuration allows it, also behind a name', async () => {
    await server.close();
    const port = receiver.host.split(':')[1] ?? '';
    server = await startTestServer({ settings: { events: { webhookHosts: [`localhost:${port}`] } } });
    const body = { url: `https://localhost:${port}/` };
    const problem = await refuses(
      server.operator.call('createSubscription', { body }),
      'SUBSCRIPTION_NOT_PERMITTED',
      422,
    );
    assert.match(problem.problem.detail ?? '', /an address that is not allowed/);
    assert.equal(receiver.sent, 0);
  });

  it('holds up neither attestations nor other receivers by one that never answers', async () => {
    const dead = await startReceiver();
    await server.close();
    const events = { webhookHosts: [receiver.host, dead.host], allowLoopback: true };
    server = await startTestServer({ settings: { events } });
    dead.answer = () => 'never';
    await server.operator.call('createSubscription', { body: { url: dead.url } });
    await subscribe({ kinds: ['verdict.changed'] });
    const { host, enrolled } = await trustedWorld(server);
    for (let round = 0; round < 5; round += 1) assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
    await receiver.until(() => receiver.accepted.length === 2);
    assert.equal(dead.sent, 1, 'one request is under way, and no more');
    await dead.close();
  });

  it('warns of paused subscriptions in the doctor', async () => {
    const directory = server.dataDirectory;
    receiver.answer = () => ({ status: 410 });
    const { id } = await subscribe({ kinds: ['quarantine.opened'] });
    await lockAll('x');
    await until(
      async () => (await server.operator.call('getSubscription', { path: { subscriptionId: id } })).state === 'paused',
    );
    await server.running.close(0);
    const check = (await doctor(directory, server.now())).find(({ name }) => name === 'subscriptions');
    assert.deepEqual([check?.ok, check?.severity], [false, 'warning']);
    assert.match(check?.message ?? '', new RegExp(id));
  });
});

describe('the delay before the next try', () => {
  it('doubles up to five minutes, and is drawn from its upper half', () => {
    const delays = (draw: number) =>
      [1, 2, 3, 12, 40].map((failures) => retryDelay(failures, () => Uint8Array.of(draw)));
    assert.deepEqual(delays(0), [100, 200, 400, 150_000, 150_000]);
    assert.ok(
      delays(255).every((delay, index) => delay < 2 * (delays(0)[index] ?? 0) && delay > 1.9 * (delays(0)[index] ?? 0)),
    );
  });

  it('is what Retry-After says, in seconds or as a date', () => {
    const now = new Date('2026-11-25T12:00:00Z');
    assert.equal(parseRetryAfter('120', now), 120_000);
    assert.equal(parseRetryAfter('Wed, 25 Nov 2026 12:00:30 GMT', now), 30_000);
    for (const text of [undefined, '', '-1', '0', 'soon', 'Wed, 25 Nov 2026 11:00:00 GMT']) {
      assert.equal(parseRetryAfter(text, now), undefined);
    }
  });
});

/** Looks again and again, for a bounded time. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 400; look += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail('it never came about');
}
