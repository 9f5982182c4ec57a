import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { checkConfig } from '../../../src/server/config/config.ts';
import { checkSyslog } from '../../../src/server/doctor/check-events.ts';
import { refuses } from '../../support/problems.ts';
import { startRsyslog, type Rsyslog } from '../../support/rsyslog.ts';
import { parseSyslogMessage, startSyslogReceiver, type SyslogReceiver } from '../../support/syslog.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

type EventSettings = Readonly<Record<string, unknown>>;

describe('syslog in the clear', () => {
  it('is a shortcoming of the configuration, each receiver by its address', () => {
    const check = (...receivers: string[]) =>
      checkSyslog(checkConfig({ serverId: 'test.example', events: { syslog: { receivers } } }, '/'));
    assert.equal(check().ok, true);
    assert.equal(check('syslog+tls://siem.example:6514').ok, true);
    const { ok, message } = check('syslog+tls://siem.example:6514', 'syslog+udp://10.0.0.5:514');
    assert.deepEqual([ok, message], [false, 'events may be sent in the clear to syslog+udp://10.0.0.5:514']);
  });
});

describe('events by syslog', () => {
  let server: TestServer;
  afterEach(() => server.close());

  const start = async (receivers: readonly string[], more: EventSettings = {}, syslog: EventSettings = {}) => {
    server = await startTestServer({ settings: { events: { ...more, syslog: { receivers, ...syslog } } } });
  };
  const subscribe = (url: string, more: object = {}) =>
    server.operator.call('createSubscription', { body: { url, kinds: ['quarantine.opened'], ...more } });
  const lockAll = (reason: string) =>
    server.operator.call('createQuarantine', { body: { hosts: { all: true }, reason } });

  describe('over TLS to a real daemon', () => {
    let daemon: Rsyslog;
    let url = '';
    before(async () => {
      daemon = await startRsyslog();
      url = `syslog+tls://localhost:${daemon.port}`;
    });
    after(() => daemon.stop());

    it('are understood by it, field by field, as text and as documents', async () => {
      await start([url], { caFile: daemon.certFile }, { facility: 10, enterpriseNumber: 4242 });
      const from = daemon.lines().length;
      const { format } = await subscribe(url);
      assert.equal(format, 'text');
      await subscribe(url, { format: 'ocsf', after: 0 });
      const { id } = await lockAll('a "reason" with ]');
      await until(() => daemon.lines().length >= from + 2);
      const lines = daemon.lines().slice(from);
      const text = lines.find(({ msg }) => msg.startsWith('\ufeff'))!;
      const { pri, hostname, application, msgid, time, data, msg } = text;
      assert.deepEqual(
        { pri, hostname, application, msgid, time, msg },
        {
          pri: '86',
          hostname: 'test.example',
          application: 'touchstone',
          msgid: 'quarantine.opened',
          time: '2026-11-25T12:00:00.000Z',
          msg: `\ufeffa quarantine began: ${id}`,
        },
      );
      assert.match(data, /^\[touchstone@4242 id="\d+" subject="qua_\S+" actor="token \S+"/);
      assert.ok(data.includes('reason="a \\"reason\\" with \\]"'), data);
      const document = lines.find(({ msg: one }) => one.startsWith('{'))!;
      assert.match(document.data, /^\[touchstone@4242 id="\d+" subject="qua_\S+"\]$/);
      const ocsf = JSON.parse(document.msg) as { class_uid: number; unmapped: { reason: string } };
      assert.deepEqual([ocsf.class_uid, ocsf.unmapped.reason], [3004, 'a "reason" with ]']);
    });

    it('are sent to nobody whose certificate is of another name, or of nobody we trust', async () => {
      const other = `syslog+tls://127.0.0.1:${daemon.port}`;
      await start([url, other], { caFile: daemon.certFile });
      const named = await refuses(subscribe(other), 'SUBSCRIPTION_NOT_PERMITTED', 422);
      assert.match(named.problem.detail ?? '', /ERR_TLS_CERT_ALTNAME_INVALID/);
      await server.close();
      await start([url]);
      const unknown = await refuses(subscribe(url), 'SUBSCRIPTION_NOT_PERMITTED', 422);
      assert.match(unknown.problem.detail ?? '', /DEPTH_ZERO_SELF_SIGNED_CERT/);
    });
  });

  describe('over TCP', () => {
    let receiver: SyslogReceiver;
    beforeEach(async () => {
      receiver = await startSyslogReceiver();
    });
    afterEach(() => receiver.close());
    const reasons = () =>
      receiver.messages().map(({ parameters }) => parameters.find(([name]) => name === 'reason')?.[1]);
    const stateOf = async (subscriptionId: string) =>
      (await server.operator.call('getSubscription', { path: { subscriptionId } })).state;

    it('come again until the receiver has read to the end, in order', async () => {
      await start([receiver.url], { timeoutSeconds: 1 });
      const { id } = await subscribe(receiver.url);
      for (const conduct of ['cut', 'never ends'] as const) {
        receiver.conduct = conduct;
        await lockAll(conduct);
        await until(async () => (await stateOf(id)) === 'failing');
        assert.deepEqual(reasons().includes(conduct), false);
        receiver.conduct = undefined;
        await receiver.until(() => reasons().includes(conduct));
        await until(async () => (await stateOf(id)) === 'active');
      }
      await lockAll('last');
      await receiver.until(() => reasons().includes('last'));
      // On a machine that is busy, a receiver may be too late to say that it has read: then what it has comes once more.
      const inOrder = reasons().filter((reason, index, all) => reason !== all[index - 1]);
      assert.deepEqual(inOrder, ['cut', 'never ends', 'last']);
    });

    it('come many over one connection, again from a cursor, and as a trial', async () => {
      await start([receiver.url]);
      for (let count = 0; count < 20; count += 1) await lockAll(String(count));
      const { connections } = receiver;
      const { id } = await subscribe(receiver.url, { after: 0 });
      const path = { subscriptionId: id };
      await receiver.until(() => reasons().length === 20);
      assert.equal(receiver.connections, connections + 2, 'one to see that it is there, one with all of them');
      const first = [...receiver.messages()];
      await server.operator.call('replaySubscription', { path, body: { after: 0 } });
      await receiver.until(() => reasons().length === 40);
      assert.deepEqual(receiver.messages().slice(20), first);
      assert.deepEqual(await server.operator.call('testSubscription', { path }), { acknowledged: true });
      assert.equal(receiver.messages().at(-1)?.kind, 'subscription.test');
      await receiver.close();
      assert.deepEqual(await server.operator.call('testSubscription', { path }), {
        acknowledged: false,
        failure: 'ECONNREFUSED',
      });
    });

    it('go to receivers that the configuration lists, and to no other', async () => {
      await start(['syslog+tcp://127.0.0.1:1', 'syslog+tcp://169.254.169.254:80']);
      await refuses(subscribe(receiver.url), 'SUBSCRIPTION_URL_REFUSED', 422);
      await refuses(subscribe('syslog+tcp://127.0.0.1:1'), 'SUBSCRIPTION_NOT_PERMITTED', 422);
      const cloud = await refuses(subscribe('syslog+tcp://169.254.169.254:80'), 'SUBSCRIPTION_NOT_PERMITTED', 422);
      assert.match(cloud.problem.detail ?? '', /an address that is not allowed/);
      assert.equal(receiver.connections, 0);
    });
  });

  describe('as datagrams', () => {
    let socket: Socket;
    afterEach(() => socket.close());

    it('are one message each, and never more than fits', async () => {
      socket = createSocket('udp4').bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const url = `syslog+udp://127.0.0.1:${socket.address().port}`;
      await start([url]);
      await refuses(subscribe(url, { format: 'ocsf' }), 'REQUEST_INVALID', 400);
      await subscribe(url);
      const arrived = once(socket, 'message') as Promise<[Buffer]>;
      await lockAll('x'.repeat(500));
      const [datagram] = await arrived;
      const { kind, parameters } = parseSyslogMessage(datagram);
      assert.equal(kind, 'quarantine.opened');
      assert.equal(parameters.find(([name]) => name === 'reason')?.[1], 'x'.repeat(500));
      assert.ok(datagram.length <= 1180);
    });
  });
});

/** Looks again and again, for a bounded time. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < 800; look += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail('it never came about');
}
