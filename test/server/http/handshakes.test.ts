// Who dials while all handshakes that may be are under way: it waits its turn, and what hangs or fails does not keep its place.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { connect, Socket, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { queueHandshakes } from '../../../src/server/http/handshakes.ts';
import { createTlsFiles } from '../../support/tls-files.ts';

/** A record that is whole, of a message that is not. */
const greeting = '\x16\x03\x01\x00\x04\x01\x00\x00\x7f';

describe('handshakes', () => {
  let folder: string;
  let pair: { readonly cert: Buffer; readonly key: Buffer };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-handshakes-'));
    const { certFile, keyFile } = createTlsFiles(folder, 'localhost');
    pair = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  });
  after(() => rmSync(folder, { recursive: true }));

  let server: Server;
  let cutWaiting: () => void;
  let port: number;
  const dialled: Socket[] = [];
  const begin = async (bounds: {
    atOnce?: number;
    longestWaitMs?: number;
    longestSilenceMs?: number;
    longestPlaceMs?: number;
    handshakeMs?: number;
  }): Promise<void> => {
    const { atOnce = 1, longestWaitMs = 10_000, longestSilenceMs = 10_000, longestPlaceMs = 10_000 } = bounds;
    const { handshakeMs = 10_000 } = bounds;
    server = createServer({ ...pair, handshakeTimeout: handshakeMs }, (_request, response) => response.end('served'));
    const handshakes = queueHandshakes(server, {
      atOnce,
      eachTurn: 2,
      longestWaitMs,
      longestSilenceMs,
      longestPlaceMs,
    });
    cutWaiting = () => handshakes.cutWaiting();
    // Where anybody listens, as at the server itself, node:https leaves a failed connection as it is.
    server.on('clientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  };
  afterEach(async () => {
    for (const socket of dialled.splice(0)) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** A connection without TLS, after the server took it: it greets, and says no more, unless told. */
  const dial = async (bytes = greeting): Promise<Socket & { readonly ended: Promise<unknown> }> => {
    const socket = connect(port, '127.0.0.1');
    dialled.push(socket);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
    if (bytes !== '') socket.write(bytes);
    return Object.assign(socket.on('error', () => undefined).resume(), { ended });
  };
  /** Resolves with the first line that is answered over TLS. */
  const ask = async (localAddress = '127.0.0.1'): Promise<string> => {
    const socket = connectTls({
      socket: connect({ port, host: '127.0.0.1', localAddress }),
      rejectUnauthorized: false,
    });
    dialled.push(socket);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString().split('\r\n')[0] ?? '';
  };
  const untilConnections = async (count: number): Promise<void> => {
    const read = (): Promise<number> =>
      new Promise((resolve) => server.getConnections((_error, connections) => resolve(connections)));
    while ((await read()) !== count) await sleep(5);
  };

  it('begin in the order in which connections came, as places fall free', async () => {
    await begin({});
    const hanging = await dial();
    const order: number[] = [];
    const asked = [1, 2, 3, 4, 5].map(async (number) => {
      assert.equal(await ask(), 'HTTP/1.1 200 OK');
      order.push(number);
    });
    await untilConnections(6);
    assert.deepEqual(order, []);
    hanging.destroy();
    await Promise.all(asked);
    assert.deepEqual(order, [1, 2, 3, 4, 5]);
  });

  it('begin for one place after the other: who dials with many keeps nobody else waiting', async () => {
    await begin({});
    const hanging = await dial();
    const order: string[] = [];
    const asked: Promise<unknown>[] = [];
    for (const [index, address] of ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.3'].entries()) {
      asked.push(ask(address).then(() => order.push(address)));
      await untilConnections(index + 2);
    }
    // Until they have greeted as well.
    await sleep(100);
    assert.deepEqual(order, []);
    hanging.destroy();
    await Promise.all(asked);
    assert.deepEqual(order.slice(0, 3).sort(), ['127.0.0.1', '127.0.0.2', '127.0.0.3']);
  });

  it('free their place when they fail, hang, or lose their client', async () => {
    await begin({ atOnce: 3, handshakeMs: 300 });
    for (let round = 0; round < 3; round += 1) {
      const all = [await dial('GET / HTTP/1.1\r\n\r\n'), await dial(greeting), await dial()];
      all[2]?.resetAndDestroy();
      assert.equal(await ask(), 'HTTP/1.1 200 OK');
      await Promise.all(all.map(({ ended }) => ended));
    }
  });

  it('have their whole time, however long they waited', async () => {
    await begin({ handshakeMs: 400 });
    const [first, second] = [await dial(), await dial()];
    await first.ended;
    const begun = performance.now();
    await second.ended;
    assert.ok(performance.now() - begun > 300);
  });

  it('are waited for no longer than told', async () => {
    await begin({ longestWaitMs: 200 });
    await dial();
    await (
      await dial()
    ).ended;
    await untilConnections(1);
  });

  it('take no place while nothing is said, and are waited for no longer than told', async () => {
    await begin({ longestSilenceMs: 400 });
    const silent = await Promise.all([dial(''), dial(greeting.slice(0, 1)), dial(greeting.slice(0, 8))]);
    assert.equal(await ask(), 'HTTP/1.1 200 OK');
    assert.ok(silent.every(({ closed }) => !closed));
    await Promise.all(silent.map(({ ended }) => ended));
  });

  it('leave their place to others where their client says no more, and have their time', async () => {
    await begin({ longestPlaceMs: 200, handshakeMs: 1500 });
    const begun = performance.now();
    const hanging = [await dial(), await dial(), await dial()];
    assert.equal(await ask(), 'HTTP/1.1 200 OK');
    assert.ok(performance.now() - begun > 500, 'each had its place');
    await Promise.all(hanging.map(({ ended }) => ended));
    assert.ok(performance.now() - begun > 1500);
  });

  it('are not kept for clients that left, were cut by the network, or say more than a greeting', async () => {
    await begin({});
    const hanging = await dial();
    (await dial(greeting)).end();
    (await dial('')).end();
    (await dial(greeting)).resetAndDestroy();
    await (
      await dial('x'.repeat(20_000))
    ).ended;
    await untilConnections(1);
    hanging.destroy();
    assert.equal(await ask(), 'HTTP/1.1 200 OK');
  });

  it('are waited for by no more than there may be connections, and by nobody when the server stops', async () => {
    await begin({});
    server.maxConnections = 3;
    await dial();
    const waiting = [await dial(), await dial()];
    const beyond = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(beyond, 'close');
    cutWaiting();
    await Promise.all(waiting.map(({ ended }) => ended));
    await untilConnections(1);
  });
});

describe('handshakes that may begin', () => {
  /** A server of no network, and how many handshakes have begun on it. */
  const begin = (atOnce: number) => {
    const server = createServer().removeAllListeners();
    const begun: Socket[] = [];
    server.on('connection', (socket: Socket) => begun.push(socket));
    queueHandshakes(server, {
      atOnce,
      eachTurn: 2,
      longestWaitMs: 10_000,
      longestSilenceMs: 10_000,
      longestPlaceMs: 10_000,
    });
    const dial = (): Socket => {
      const socket = new Socket();
      server.emit('connection', socket);
      socket.push(greeting);
      socket.emit('readable');
      return socket;
    };
    return { server, begun, dial };
  };

  it('are so many in one turn, and the others in the next ones', async () => {
    const { begun, dial } = begin(10);
    const dialled = Array.from({ length: 5 }, dial);
    const counts: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      await nextTurn();
      counts.push(begun.length);
    }
    assert.deepEqual(counts, [2, 4, 5, 5]);
    assert.deepEqual(begun, dialled);
  });

  it('are so many at once, and none of whoever is gone by then', async () => {
    const { server, begun, dial } = begin(1);
    const [first, gone, last] = [dial(), dial(), dial()];
    for (let turn = 0; turn < 4; turn += 1) await nextTurn();
    assert.deepEqual(begun, [first]);
    // A socket of the network tells its end some turns after it was destroyed: this one never does.
    gone._destroy = () => undefined;
    gone.destroy();
    server.emit('secureConnection', first);
    for (let turn = 0; turn < 4; turn += 1) await nextTurn();
    assert.deepEqual(begun, [first, last]);
    await sleep(10);
    assert.ok(!process.getActiveResourcesInfo().includes('Immediate'), 'nothing goes round');
    last.destroy();
  });
});
