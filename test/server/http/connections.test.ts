// What dials and does not go on: a connection costs a file descriptor and memory, whether anything is asked on it or not.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { createTlsFiles } from '../../support/tls-files.ts';

async function startOverTls(folder: string, limits: object): Promise<TestServer> {
  const tls = createTlsFiles(folder, 'localhost', undefined, ['127.0.0.1']);
  return startTestServer({ settings: { tls, limits }, ca: tls.certFile });
}

describe('connections over TLS', () => {
  let server: TestServer;
  let folder: string;
  const dialled: Socket[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-connections-'));
    server = await startOverTls(folder, { headersSeconds: 1, connections: 200 });
  });
  after(async () => {
    for (const socket of dialled) socket.destroy();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  /** Resolves when the server has ended the connection. */
  const dial = (bytes: string): Promise<void> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(server.url);
      const socket = connect(Number(port), hostname, () => bytes !== '' && socket.write(bytes));
      dialled.push(socket);
      socket.on('close', () => resolve()).on('error', () => undefined);
      socket.resume();
    });
  const isServed = async (): Promise<void> => {
    assert.equal((await server.client().call('getHealth', {})).status, 'ok');
  };

  it('end when the handshake fails or takes too long, and leave nothing behind', async () => {
    await Promise.all([dial('GET / HTTP/1.1\r\n\r\n'), dial('\x16\x03\x01'), dial('')]);
    await isServed();
  });

  it('end at once beyond their bound: those within have their time, and the next are served', async () => {
    let ended = 0;
    const all = Array.from({ length: 300 }, () => dial('').then(() => (ended += 1)));
    while (ended < 100) await sleep(20);
    assert.ok(ended < 200, 'those within wait for their handshake');
    for (const socket of dialled) socket.destroy();
    await Promise.all(all);
    await isServed();
  });
});

describe('requests at once on one connection over TLS', () => {
  let server: TestServer;
  let folder: string;
  const dialled: Socket[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-connections-'));
    // With the time that a handshake has by default: in the one second of above, a busy machine does not end sixteen.
    server = await startOverTls(folder, {});
  });
  after(async () => {
    for (const socket of dialled) socket.destroy();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  /** Says all of it at once, and resolves with what was answered before the connection ended. */
  const tell = (requests: string): Promise<string> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(server.url);
      let answers = '';
      const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false });
      dialled.push(socket);
      socket.setEncoding('utf8').on('data', (part: string) => (answers += part));
      socket.on('close', () => resolve(answers)).on('error', () => undefined);
      socket.write(requests);
    });

  it('are each answered, in order, with a body or without', async () => {
    // More than TLS puts into one record: what comes while answers are unread waits for them.
    const padding = ' '.repeat(2000);
    const head = `Host: x\r\nAuthorization: Bearer ${server.operatorToken}\r\n`;
    const ask = (number: number): string => {
      const body = `{"host":"hv-${number}"}${padding}`;
      const type = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
      return `POST /v1/admission/decisions HTTP/1.1\r\n${head}${type}\r\n${body}GET /healthz HTTP/1.1\r\n${head}\r\n`;
    };
    const count = 32;
    const asked = Array.from({ length: count }, (_, number) => ask(number));
    const last = `GET /healthz HTTP/1.1\r\n${head}Connection: close\r\n\r\n`;
    const answers = await tell(asked.join('') + last);
    assert.equal(answers.split('HTTP/1.1 200 OK\r\n').length - 1, 2 * count + 1);
    const hosts = [...answers.matchAll(/"host":"hv-(\d+)"/g)].map(([, number]) => Number(number));
    assert.deepEqual(
      [...new Set(hosts)],
      Array.from({ length: count }, (_, number) => number),
    );
  });

  it('end where too many requests wait: those before are answered, and nobody else waits for them', async () => {
    const flood = 'GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2000);
    const floods = Promise.all(Array.from({ length: 16 }, () => tell(flood)));
    assert.equal((await server.client().call('getHealth', {})).status, 'ok');
    for (const answers of await floods) {
      const statuses = [...answers.matchAll(/HTTP\/1.1 (\d+) /g)].map(([, status]) => status);
      assert.deepEqual(statuses, [...Array.from({ length: 65 }, () => '200'), '503']);
      assert.match(answers, /"code":"SERVER_BUSY"[^]*$/);
    }
  });
});
