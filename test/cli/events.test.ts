// Events by command line: what happened, and what happens.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startPublisher } from '../support/publisher.ts';
import { touchstone } from '../support/program.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('events by command line', () => {
  let server: TestServer;
  let world: CliWorld;
  let child: ChildProcess | undefined;
  beforeEach(async () => {
    server = await startTestServer();
    world = operatorAt(server);
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await server.close();
  });
  const lockAll = (reason: string) =>
    server.operator.call('createQuarantine', { body: { hosts: { all: true }, reason } });

  it('print what happened, from a cursor, of some kinds', async () => {
    await lockAll('ticket 1');
    await lockAll('ticket 2');
    const { stdout } = await cli(['events', '--kind', 'quarantine.opened,token.created'], world);
    const [head, created, first, second] = stdout.split('\n');
    assert.match(head ?? '', /^cursor +time +kind +about +by +data$/);
    assert.match(created ?? '', /^1 +\S+ +token\.created +tok_\S+ +server init +name=first operator role=operator/);
    assert.match(
      first ?? '',
      /^2 +2026-11-25T12:00:00\.000Z +quarantine\.opened +qua_\S+ +first operator \(token tok_\S+\) +reason=ticket 1 hosts=\{"all":true\}$/,
    );
    assert.match(second ?? '', /^3 .*reason=ticket 2 /);
    const { document } = await cliJson(['events', '--since', '2'], world);
    assert.deepEqual([(document['items'] as { id: string }[]).map(({ id }) => id), document['next']], [['3'], 3]);
    assert.equal((await cli(['events', '--host', 'hv-1'], world)).stdout, 'nothing happened\n');
    assert.equal((await cliJson(['events', '--kind', 'moon.landed'], world)).document['code'], 'REQUEST_INVALID');
    assert.equal((await cli(['events', '--since', 'x'], world)).status, 2);
  });

  it('ask a server that does not wait once in a second', async () => {
    const askedAt: number[] = [];
    const hasty = await startPublisher((_request, response) => {
      const isOver = askedAt.push(performance.now()) === 3;
      const answer = isOver ? {} : { items: [], next: askedAt.length, end: true };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    try {
      const { stderr } = await cli(['events', '--follow', '--server', `http://${hasty.address}`, '--token', 'token']);
      assert.match(stderr, /API_ANSWER_UNREADABLE/);
    } finally {
      await hasty.close();
    }
    const [first = 0, , third = 0] = askedAt;
    assert.ok(third - first > 1900, `${third - first} ms`);
  });

  it('follow until interrupted, one document a line', async () => {
    await lockAll('ticket 1');
    const args = [...touchstone, 'events', '--follow', '--since', '1', '--kind', 'quarantine.opened', '--json'];
    child = spawn(process.execPath, args, {
      env: { ...process.env, ...world.env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const nextReason = async () => {
      const line = await lines.next();
      return (JSON.parse(line.value as string) as { data: { reason: string } }).data.reason;
    };
    assert.equal(await nextReason(), 'ticket 1');
    await lockAll('ticket 2');
    assert.equal(await nextReason(), 'ticket 2');
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('say of a cursor that is still to come that it is, and follow', async () => {
    const env = { ...process.env, ...world.env };
    child = spawn(process.execPath, [...touchstone, 'events', '--follow', '--since', '4711'], { env, stdio: ['ignore', 'ignore', 'pipe'] }); // prettier-ignore
    const lines = createInterface({ input: child.stderr! })[Symbol.asyncIterator]();
    assert.match((await lines.next()).value as string, /^the last event is 1, and 4711 is still to come: /);
  });
});
