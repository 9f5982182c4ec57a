import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBodyRoom } from '../../../src/server/load/body-room.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('the room for bodies', () => {
  it('cuts whoever keeps most when it is full, and has room again for the others', () => {
    const room = createBodyRoom(100);
    const cut: string[] = [];
    const [small, large, late] = ['small', 'large', 'late'].map((name) => room.open(() => cut.push(name)));
    assert.ok(small && large && late);
    small.take(20);
    large.take(80);
    assert.deepEqual(cut, []);
    late.take(10);
    assert.deepEqual(cut, ['large']);
    large.take(1000);
    late.take(70);
    assert.deepEqual(cut, ['large']);
    late.take(1);
    assert.deepEqual(cut, ['large', 'late']);
  });

  it('counts nothing of who has left, however often', () => {
    const room = createBodyRoom(100);
    const fail = () => assert.fail('cut');
    for (let round = 0; round < 10; round += 1) {
      const share = room.open(fail);
      share.take(60);
      share.leave();
      share.leave();
    }
    room.open(fail).take(100);
  });
});

describe('strangers who send large bodies', () => {
  let server: TestServer;
  const sockets: Socket[] = [];
  before(async () => {
    server = await startTestServer({ settings: { limits: { bodyBytes: 65_536 } } });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await server.close();
  });

  const path = '/v1/enrollments/enr_AAAAAAAAAAAAAAAAAAAAAA/activation';
  /** Sends all but the last bytes of a body, and collects what is answered. */
  const begin = (answers: string[], more = ''): void => {
    const { hostname, port } = new URL(server.url);
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${more}Content-Length: 65536\r\n\r\n`;
    const socket = connect(Number(port), hostname, () => socket.write(head + ' '.repeat(65_500)));
    socket.setEncoding('utf8').on('data', (text: string) => answers.push(text));
    socket.on('error', () => undefined);
    sockets.push(socket);
  };

  it('are told to come back beyond what is kept at once, and crowd out nobody who sends little or has a right', async () => {
    const answers: string[] = [];
    for (let count = 0; count < 48; count += 1) begin(answers);
    while (answers.length < 16) await sleep(20);
    await sleep(200);
    assert.equal(answers.length, 16, 'those within have their time');
    for (const answer of answers) {
      assert.match(answer, /^HTTP\/1\.1 503 /);
      assert.match(answer, /retry-after: \d+\r\n/i);
      assert.match(answer, /"code":"SERVER_BUSY"/);
    }
    const small = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ secret: 'AAAA' }),
    });
    assert.equal(small.status, 404);
    await server.operator.call('createToken', { body: { name: 'beside them', role: 'auditor' } });
  });
});
