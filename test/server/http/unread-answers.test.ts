// Clients that ask and do not read. Each answer is kept for whoever takes it, at whatever pace that is still one, and for nobody else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { startStopwatch } from '../../support/stopwatch.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { createTlsFiles } from '../../support/tls-files.ts';

const connections = 16;
const limits = { connections, stallSeconds: 1 };

/** Whether the server has the connection with that port of a client still, as its kernel sees it: a client that does not read sees nothing. */
function isKept(server: TestServer, port: number): boolean {
  const ends = [Number(new URL(server.url).port), port].map((end) => end.toString(16).toUpperCase().padStart(4, '0'));
  const established = new RegExp(`: \\w+:${ends[0]} \\w+:${ends[1]} 01 `);
  return established.test(readFileSync('/proc/self/net/tcp', 'utf8'));
}

for (const over of ['TCP', 'TLS'] as const) {
  describe(`answers that nobody takes, over ${over}`, () => {
    let server: TestServer;
    let folder: string;
    let tls: ReturnType<typeof createTlsFiles>;
    const start = (bounds: object): Promise<TestServer> =>
      over === 'TCP'
        ? startTestServer({ settings: { limits: bounds } })
        : startTestServer({ settings: { limits: bounds, tls }, ca: tls.certFile });
    const dialled: Socket[] = [];
    before(async () => {
      // Not when the file is read: whoever runs it again in this process finds a folder too.
      folder = mkdtempSync(join(tmpdir(), 'touchstone-unread-'));
      tls = createTlsFiles(folder, 'localhost', undefined, ['127.0.0.1']);
      server = await start(limits);
    });
    afterEach(() => dialled.splice(0).forEach((socket) => socket.destroy()));
    after(async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    });

    const dial = (): Socket => {
      const { hostname: host, port } = new URL(server.url);
      const options = { host, port: Number(port), rejectUnauthorized: false };
      const socket = over === 'TCP' ? connect(options) : connectTls(options);
      dialled.push(socket);
      return socket.on('error', () => undefined);
    };

    /** Reads nothing unless told. */
    const ask = (requests: string) => {
      const socket = dial().pause();
      const connected = once(socket, 'connect');
      let [length, isClosed, isDripping] = [0, false, false];
      socket
        .once('close', () => (isClosed = true))
        .on('data', (part: Uint8Array) => {
          length += part.length;
          if (isDripping) socket.pause();
        });
      socket.pause().write(requests);
      const drip = (): void => {
        isDripping = true;
        socket.resume();
      };
      return {
        /** Reads a little, once. */
        drip,
        /** Reads the first of it, as soon as there is any. */
        begin: async (): Promise<void> => {
          drip();
          while (length === 0) await sleep(20);
        },
        isKept: (): boolean => isKept(server, socket.localPort ?? 0),
        /** Reads nothing until the server has dropped the connection. */
        dropped: async (): Promise<void> => {
          await connected;
          while (isKept(server, socket.localPort ?? 0)) await sleep(20);
        },
        /** Reads all that there is, to the end of the connection. */
        rest: async (): Promise<number> => {
          isDripping = false;
          socket.resume();
          while (!isClosed) await sleep(20);
          return length;
        },
      };
    };

    const batch = (count: number, tokens: boolean, more = ''): string => {
      // Few of them are different: what is large is the answer, most of all where each decision is signed.
      const hosts = Array.from({ length: count }, (_, index) => `hypervisor-of-the-fleet-${index % 100}`);
      const body = JSON.stringify({ requests: [{ hosts }], tokens });
      const head = `Host: x\r\nAuthorization: Bearer ${server.operatorToken}\r\nContent-Type: application/json\r\n${more}`;
      return `POST /v1/admission/batches HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;
    };
    /** More than the kernel keeps for both sides together. */
    const large = (): string => batch(20_000, true, 'Connection: close\r\n');
    let whole = 0;
    const lengthOfLarge = async (): Promise<number> => (whole ||= await ask(large()).rest());

    it('are dropped with their connection: a large one, and many small ones', async () => {
      const whole = await lengthOfLarge();
      const small = await ask(batch(500, false, 'Connection: close\r\n')).rest();
      assert.ok(small < 128 * 1024 && whole > 10_000_000, `${small} and ${whole} bytes`);
      const elapsed = startStopwatch();
      const [one, many] = [ask(large()), ask(batch(500, false).repeat(200) + large())];
      await Promise.all([one.dropped(), many.dropped()]);
      assert.ok(elapsed() < 5000, `dropped after ${elapsed()} ms`);
      assert.ok((await one.rest()) < whole);
      assert.ok((await many.rest()) < 200 * small);
    });

    it('are dropped where they are taken too slowly to be kept', async () => {
      const whole = await lengthOfLarge();
      const slow = ask(large());
      await slow.begin();
      for (let turn = 0; turn < 12 && slow.isKept(); turn += 1) {
        await sleep(450);
        slow.drip();
      }
      assert.ok((await slow.rest()) < whole);
    });

    it('are kept for who takes them, whoever dials meanwhile', async () => {
      // From here on who takes long has the time: on a busy machine a second is over before the others have dialled.
      await server.close();
      server = await start({ connections });

      const whole = await lengthOfLarge();
      const reader = ask(large());
      await sleep(500);
      for (let count = 0; count < 2 * connections; count += 1) dial();
      await sleep(200);
      assert.equal(await reader.rest(), whole);
    });

    it('are kept for who takes them while the server stops', async () => {
      const whole = await lengthOfLarge();
      const reader = ask(large());
      await sleep(500);
      const stopped = server.running.close(60_000);
      await sleep(200);
      assert.equal(await reader.rest(), whole);
      await stopped;
      await server.restart();
    });
  });
}

describe('what waits behind another answer', () => {
  const maximumListeners = 4;
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ settings: { events: { maximumListeners }, limits } });
    // More than a connection takes before somebody reads.
    for (let count = 0; count < 60; count += 1) await server.token('monitor');
  });
  after(() => server.close());

  it('ends with its connection, and nothing is kept for it', async () => {
    const head = `Host: x\r\nAuthorization: Bearer ${server.operatorToken}\r\n`;
    const wait = `GET /v1/events?wait=20 HTTP/1.1\r\n${head}\r\n`;
    const stream = `GET /v1/events?after=0 HTTP/1.1\r\n${head}Accept: text/event-stream\r\n\r\n`;
    const { hostname, port } = new URL(server.url);
    for (const behind of [stream, wait, stream, wait]) {
      const socket = connect(Number(port), hostname, () => socket.write(wait + behind));
      await sleep(300);
      socket.destroy();
    }
    await sleep(300);
    const listen = () => server.operator.call('listEvents', { query: { wait: 1 } });
    const all = await Promise.all(Array.from({ length: maximumListeners }, listen));
    assert.equal(all.length, maximumListeners);
  });
});
