import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { enrol, paperHost, trustSimulator } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

/** A request whose body never ends. */
function sendSlowly(url: string, path: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      const head = [
        `POST ${path} HTTP/1.1`,
        `Host: ${hostname}`,
        'Content-Type: application/json',
        'Content-Length: 1000',
      ];
      socket.write(`${head.join('\r\n')}\r\n\r\n{`, () => resolve(socket));
    });
    socket.on('error', reject);
  });
}

describe('strangers who send slowly', () => {
  let server: TestServer;
  const sockets: Socket[] = [];
  before(async () => {
    server = await startTestServer({ settings: { limits: { hostRequests: 2 }, enrolment: { mode: 'open' } } });
    await trustSimulator(server);
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await server.close();
  });

  it('hold no place that a host needs', async () => {
    for (const path of ['/v1/enrollments/enr_AAAAAAAAAAAAAAAAAAAAAA/activation', '/v1/enrollments']) {
      for (let one = 0; one < 8; one += 1) sockets.push(await sendSlowly(server.url, path));
    }
    const { client, hostId } = await enrol(server, paperHost('hv-1'));
    assert.ok(await client.call('createChallenge', { path: { hostId }, body: {} }));
  });
});
