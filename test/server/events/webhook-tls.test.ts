// Webhooks over TLS: whom we believe that it is the receiver.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuses } from '../../support/problems.ts';
import { startReceiver, type EventReceiver } from '../../support/receiver.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { createTlsFiles } from '../../support/tls-files.ts';

describe('webhooks over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-tls-'));
  const tls = createTlsFiles(folder, 'localhost');
  let receiver: EventReceiver;
  let server: TestServer;
  before(async () => {
    receiver = await startReceiver({ tls });
  });
  afterEach(() => server.close());
  after(async () => {
    await receiver.close();
    rmSync(folder, { recursive: true });
  });

  const start = async (caFile?: string) => {
    const other = receiver.host.replace('localhost', '127.0.0.1');
    const events = { webhookHosts: [receiver.host, other], allowLoopback: true, ...(caFile && { caFile }) };
    server = await startTestServer({ settings: { events } });
  };
  const subscribe = (url = receiver.url) =>
    server.operator.call('createSubscription', { body: { url, kinds: ['quarantine.opened'] } });

  it('reach a receiver whose certificate leads to `events.caFile` and has its name, and no other', async () => {
    await start(tls.certFile);
    await subscribe();
    await server.operator.call('createQuarantine', { body: { hosts: { all: true }, reason: 'x' } });
    await receiver.until(() => receiver.accepted.length === 1);
    const named = await refuses(
      subscribe(receiver.url.replace('localhost', '127.0.0.1')),
      'SUBSCRIPTION_NOT_PERMITTED',
      422,
    );
    assert.match(named.problem.detail ?? '', /ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  it('reach nobody whom neither the system nor `events.caFile` vouches for', async () => {
    await start();
    const unknown = await refuses(subscribe(), 'SUBSCRIPTION_NOT_PERMITTED', 422);
    assert.match(unknown.problem.detail ?? '', /DEPTH_ZERO_SELF_SIGNED_CERT/);
    await server.close();
    await start(createTlsFiles(folder, 'other').certFile);
    await refuses(subscribe(), 'SUBSCRIPTION_NOT_PERMITTED', 422);
  });
});
