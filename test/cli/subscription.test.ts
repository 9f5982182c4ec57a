// Subscriptions by command line, and the proof of what they are sent.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startReceiver, type EventReceiver } from '../support/receiver.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, type CliWorld } from './cli-run.ts';

describe('subscriptions by command line', () => {
  let server: TestServer;
  let receiver: EventReceiver;
  let folder = '';
  let world: CliWorld;
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  beforeEach(async () => {
    receiver = await startReceiver();
    server = await startTestServer({ settings: { events: { webhookHosts: [receiver.host], allowLoopback: true } } });
    folder = mkdtempSync(join(tmpdir(), 'touchstone-subscription-'));
    const token = file('operator.token', `${server.operatorToken}\n`);
    world = { env: { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN_FILE: token }, now: () => server.now() };
  });
  afterEach(async () => {
    await server.close();
    await receiver.close();
    rmSync(folder, { recursive: true });
  });
  const subscription = (...args: string[]) => cli(['subscription', ...args], world);
  const add = async (...options: string[]): Promise<string> => {
    const { document, status } = await cliJson(['subscription', 'add', receiver.url, ...options], world);
    assert.equal(status, 0, JSON.stringify(document));
    return (document['subscription'] as { id: string }).id;
  };

  it('add a receiver, show and list it, try it, and prove what it was sent', async () => {
    assert.equal((await subscription('list')).stdout, 'nobody is told of events\n');
    const id = await add('--kind', 'verdict.changed,host.enrolled', '--label', 'rack=3');
    const shown = (await subscription('show', id)).stdout;
    assert.match(
      shown,
      /kinds +verdict\.changed host\.enrolled\nlabels +rack=3\nformat +cloudevents\nform +one event in one request/,
    );
    assert.match(
      (await subscription('list')).stdout,
      new RegExp(`${id} +active +\\d+ +\\d+ +${receiver.url} +verdict`),
    );
    assert.equal((await subscription('test', id)).stdout, 'the receiver acknowledged the test\n');
    const jwks = file('jwks.json', JSON.stringify(await server.operator.call('getJwks', {})));
    const [{ body, headers }] = receiver.accepted as [(typeof receiver.accepted)[0]];
    const signed = ['--signature', String(headers['touchstone-signature']), '--jwks', jwks];
    const verify = ['verify', 'event', file('body.json', body), ...signed, '--subscription'];
    assert.match((await cli([...verify, id], world)).stdout, /genuine: signed by a key of the given set/);
    const other = await cliJson([...verify, `sub_${'A'.repeat(16)}`], world);
    assert.deepEqual([other.status, other.document['code']], [1, 'VERDICT_TOKEN_AUDIENCE']);
  });

  it('say why a receiver fails, deliver again from a cursor, and remove it', async () => {
    const id = await add('--batch', '--after', '0', '--kind', 'token.created');
    await receiver.until(() => receiver.events().length === 1);
    const [first] = receiver.events();
    receiver.answer = () => ({ status: 500 });
    const failed = await cliJson(['subscription', 'test', id], world);
    assert.deepEqual([failed.status, failed.document['code']], [1, 'CLI_EVENT_UNACKNOWLEDGED']);
    receiver.answer = undefined;
    const { length } = receiver.events();
    assert.equal((await subscription('replay', id, '--after', '0')).stdout, `${id} goes on after 0\n`);
    await receiver.until(() => receiver.events().length > length);
    assert.deepEqual(receiver.events()[length], first);
    assert.equal((await subscription('remove', id)).stdout, `${id} is told nothing more\n`);
    const gone = await cliJson(['subscription', 'show', id], world);
    assert.deepEqual([gone.status, gone.document['code']], [1, 'SUBSCRIPTION_NOT_FOUND']);
  });

  it('refuse kinds and hosts that nobody knows', async () => {
    const codes = async (...args: string[]) =>
      (await cliJson(['subscription', 'add', ...args], world)).document['code'];
    assert.equal(await codes(receiver.url, '--kind', 'moon.landed'), 'REQUEST_INVALID');
    assert.equal(await codes('https://elsewhere.example/'), 'SUBSCRIPTION_URL_REFUSED');
    assert.equal((await subscription('show', 'x')).status, 2);
    assert.equal((await subscription('replay', `sub_${'A'.repeat(16)}`, '--after', '-1')).status, 2);
  });
});
