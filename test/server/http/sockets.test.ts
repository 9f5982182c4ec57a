// Connections by themselves, without the rest of a server: who is cut and who is not, what may wait, what is said last, how it stops.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { ServerConfig } from '../../../src/server/config/config.ts';
import { boundAnswers, boundConnections, boundPipelined } from '../../../src/server/http/connections.ts';
import { listen, type BoundAddress, type Listening } from '../../../src/server/http/listen.ts';
import { refuseClient } from '../../../src/server/http/refuse-client.ts';
import { createTlsFiles } from '../../support/tls-files.ts';

const get = (path = '/') => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const dialled: Socket[] = [];

/** What a connection has been told, and whether it was ended. */
function dial(port: number, text = '', localAddress = '127.0.0.1') {
  const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true });
  dialled.push(socket);
  const heard = { text: '', isEnded: false, isClosed: false };
  socket.setEncoding('utf8').on('data', (part: string) => (heard.text += part));
  socket.once('end', () => (heard.isEnded = true)).once('close', () => (heard.isClosed = true));
  socket.on('error', () => undefined);
  if (text !== '') socket.write(text);
  return Object.assign(heard, { socket });
}
const statuses = ({ text }: { readonly text: string }) =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn += 1) {
    assert.ok(turn < 4000, `still not: ${isSo.toString()}`);
    await sleep(5);
  }
}

describe('a connection', () => {
  let server: Server;
  let port: number;
  const asked: ServerResponse[] = [];
  const start = async (bound: (server: Server) => void, listener: RequestListener): Promise<void> => {
    server = createServer({ connectionsCheckingInterval: 20 }, listener);
    bound(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ({ port } = server.address() as AddressInfo);
  };
  const keep: RequestListener = (_request, response) => void asked.push(response);
  afterEach(() => {
    dialled.splice(0).forEach((socket) => socket.destroy());
    asked.splice(0);
    server.closeAllConnections();
    server.close();
  });

  it('is not cut while the server works, nor between two requests, until it was kept long enough', async () => {
    await start((made) => {
      made.keepAliveTimeout = 500;
      boundAnswers(made, 60);
    }, keep);
    const client = dial(port, get());
    await until(() => asked.length === 1);
    await sleep(150);
    assert.ok(!client.isClosed && !client.isEnded, 'the answer took longer than it may wait to be taken');
    asked[0]?.end('done');
    await until(() => client.text.includes('done'));
    await sleep(150);
    assert.ok(!client.isEnded, 'kept for the next request');
    client.socket.write(get());
    await until(() => asked.length === 2);
    asked[1]?.end('again');
    await until(() => client.isEnded);
    assert.deepEqual(statuses(client), [200, 200]);
  });

  it('is closed as idle where nothing is asked on it, and not while an answer is made or taken', async () => {
    await start((made) => boundAnswers(made, 10_000), keep);
    const [idle, working, reading] = [dial(port, get()), dial(port), dial(port)];
    await until(() => asked.length === 1);
    asked[0]?.end('done');
    await until(() => idle.text.includes('done'));
    working.socket.write(get());
    await until(() => asked.length === 2);
    reading.socket.pause().write(get());
    await until(() => asked.length === 3);
    asked[2]?.end('x'.repeat(20_000_000));
    await sleep(20);
    server.closeIdleConnections();
    await until(() => idle.isEnded);
    reading.socket.resume();
    await until(() => reading.text.length > 20_000_000);
    asked[1]?.end('done');
    await until(() => working.text.includes('done'));
  });

  it('beyond the bound is dropped, and makes room where nothing is asked', async () => {
    await start((made) => {
      boundAnswers(made, 10_000);
      boundConnections(made, 2);
    }, keep);
    const clients = [dial(port, get()), dial(port, get())];
    await until(() => asked.length === 2);
    const first = dial(port);
    await until(() => first.isClosed || first.isEnded);
    assert.ok(clients.every(({ isEnded }) => !isEnded));
    asked[0]?.end('done');
    await until(() => clients.some(({ text }) => text.includes('done')));
    const second = dial(port);
    await until(() => second.isClosed || second.isEnded);
    await until(() => clients.some(({ isEnded }) => isEnded));
    assert.equal(clients.filter(({ isEnded }) => isEnded).length, 1);
    dial(port, get());
    await until(() => asked.length === 3);
  });

  it('beyond the bound takes the place of one on which nothing was asked, where most of those come from another place than its own', async () => {
    await start((made) => {
      boundAnswers(made, 10_000);
      boundConnections(made, 4);
    }, keep);
    const silent = [dial(port), dial(port)];
    const asking = dial(port, get());
    await until(() => asked.length === 1 && silent.every(({ socket }) => !socket.connecting));
    silent.push(dial(port));
    const [first, second] = [dial(port, get(), '127.0.0.2'), dial(port, get(), '127.0.0.3')];
    await until(() => asked.length === 3);
    const third = dial(port, get(), '127.0.0.4');
    await until(() => third.isClosed || third.isEnded);
    const own = dial(port, get());
    await until(() => own.isClosed || own.isEnded);
    const isGone = ({ isClosed, isEnded }: { isClosed: boolean; isEnded: boolean }) => isClosed || isEnded;
    assert.deepEqual(silent.map(isGone), [true, true, false]);
    assert.ok(![asking, first, second].some(isGone));
  });

  it('has 64 requests behind the one that is answered, again and again; one more ends it', async () => {
    await start(() => undefined, boundPipelined(keep));
    const client = dial(port);
    for (const round of [1, 2]) {
      client.socket.write(get().repeat(65));
      await until(() => asked.length === 65);
      asked.splice(0).forEach((response) => response.end());
      await until(() => statuses(client).length === 65 * round);
    }
    client.socket.write(get().repeat(70));
    await until(() => asked.length >= 65);
    await sleep(20);
    assert.equal(asked.length, 65);
    asked.splice(0).forEach((response) => response.end());
    await until(() => client.isEnded);
    assert.deepEqual(statuses(client).slice(130), [...Array.from({ length: 65 }, () => 200), 503]);
    assert.match(client.text, /Connection: close[^]*"code":"SERVER_BUSY"/);
    client.socket.write(get());
    await sleep(20);
    assert.equal(asked.length, 0, 'nothing is done of what came after it');
  });

  it('that is gone ends the work for all that waits on it, once each', async () => {
    const closed: number[] = [];
    await start(
      () => undefined,
      boundPipelined((_request, response) => {
        const number = asked.push(response);
        response.on('close', () => closed.push(number));
      }),
    );
    const client = dial(port, get().repeat(4));
    await until(() => asked.length === 4);
    asked[0]?.end('done');
    await until(() => client.text.includes('done'));
    client.socket.destroy();
    await until(() => closed.length === 4);
    await sleep(20);
    assert.deepEqual(closed.toSorted(), [1, 2, 3, 4]);
    assert.ok(asked.every(({ destroyed }) => destroyed));
  });

  it('that says no HTTP hears why behind the answers to what came before, once, and is ended', async () => {
    await start((made) => made.on('clientError', refuseClient), keep);
    const client = dial(port, `${get()}GARBAGE\r\n\r\n`);
    await until(() => asked.length === 1);
    await sleep(20);
    assert.equal(client.text, '');
    client.socket.write('MORE GARBAGE\r\n\r\n');
    asked[0]?.end('done');
    await until(() => client.isEnded);
    assert.deepEqual(statuses(client), [200, 400]);
    assert.match(client.text, /done[^]*"code":"REQUEST_HTTP_MALFORMED"[^]*\}$/);
  });

  it('that was refused for too many requests hears it out, whatever its last bytes lack', async () => {
    await start(
      (made) => {
        made.headersTimeout = 100;
        made.on('clientError', refuseClient);
      },
      boundPipelined((_request, response) => void response.end()),
    );
    const client = dial(port);
    client.socket.write(`${get().repeat(80)}GET / HT`);
    await until(() => client.isEnded);
    assert.equal(statuses(client).at(-1), 503);
    for (let turn = 0; turn < 20; turn += 1) {
      client.socket.write('more');
      await sleep(20);
    }
    assert.ok(!client.isClosed, 'it was reset while it still sent');
  });

  it('hears nothing where its answer has begun, and is cut', async () => {
    await start(
      (made) => made.on('clientError', refuseClient),
      (_request, response) => void response.write('begun'),
    );
    const client = dial(port, 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    await until(() => client.text.includes('begun'));
    client.socket.write('zz\r\n');
    await until(() => client.isEnded || client.isClosed);
    assert.deepEqual(statuses(client), [200]);
    assert.doesNotMatch(client.text, /REQUEST_/);
  });
});

describe('an address', () => {
  let folder: string;
  const open: Listening[] = [];
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'touchstone-sockets-'))));
  after(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    dialled.splice(0).forEach((socket) => socket.destroy());
    await Promise.all(open.splice(0).map((listening) => listening.stop(0)));
  });

  const at = async (
    listener: RequestListener,
    { address = { host: '127.0.0.1', port: 0 }, tls, clients = [], bounds = {} }: Settings = {},
  ): Promise<Listening & { readonly port: number }> => {
    const limits = { connections: 100, headersSeconds: 10, requestSeconds: 60, stallSeconds: 30, ...bounds };
    const rest = { storage: 'sqlite', events: { maximumSubscriptions: 16 }, auth: { clients } };
    const config = { listen: address, limits, tls, ...rest } as unknown as ServerConfig;
    const listening = await listen({ listener }, config);
    open.push(listening);
    return { ...listening, port: Number(new URL(listening.url).port) };
  };
  interface Settings {
    readonly address?: BoundAddress;
    readonly tls?: { readonly certFile: string; readonly keyFile: string };
    readonly clients?: readonly object[];
    readonly bounds?: {
      readonly connections?: number;
      readonly headersSeconds?: number;
      readonly requestSeconds?: number;
      readonly stallSeconds?: number;
    };
  }
  const done: RequestListener = (_request, response) => void response.end('done');

  it('is told as others can dial it, and refused where it is taken', async () => {
    const { url, port } = await at(done);
    assert.equal(url, `http://127.0.0.1:${port}`);
    const six = await at(done, { address: { host: '::1', port: 0 } });
    assert.equal(six.url, `http://[::1]:${six.port}`);
    assert.equal(await (await fetch(six.url)).text(), 'done');
    await assert.rejects(at(done, { address: { host: '127.0.0.1', port } }), {
      code: 'SERVER_ADDRESS_UNAVAILABLE',
      message: new RegExp(`127\\.0\\.0\\.1:${port} .*EADDRINUSE`),
    });
  });

  it('that stops takes nobody new, closes what is idle, and lets what is under way end', async () => {
    const asked: ServerResponse[] = [];
    const { port, ...address } = await at((_request, response) => void asked.push(response));
    const [idle, working] = [dial(port, get()), dial(port)];
    await until(() => asked.length === 1);
    asked[0]?.end('done');
    await until(() => idle.text.includes('done'));
    working.socket.write(get());
    await until(() => asked.length === 2);
    const ended: string[] = [];
    const stopped = address.stop(60_000).then(() => ended.push('stopped'));
    await until(() => idle.isEnded);
    const late = dial(port);
    await until(() => late.isClosed);
    assert.deepEqual([ended, working.isEnded], [[], false]);
    asked[1]?.end('done');
    await stopped;
    await until(() => working.text.includes('done'));
  });

  it('that stops cuts what is left when its time is over, and not before', async () => {
    const { port, ...address } = await at(() => undefined);
    const client = dial(port, get());
    await sleep(50);
    const begun = performance.now();
    await address.stop(200);
    assert.ok(performance.now() - begun >= 190);
    await until(() => client.isClosed || client.isEnded);
  });

  it('that stops gives whoever dialled a second to ask, and then waits for what is under way alone', async () => {
    const asked: ServerResponse[] = [];
    const { port, ...address } = await at((_request, response) => void asked.push(response));
    const [silent, half, late, working] = [dial(port), dial(port, 'GET / HTT'), dial(port), dial(port, get())];
    await until(() => asked.length === 1);
    const stopped = address.stop(60_000);
    late.socket.write(get());
    await until(() => asked.length === 2);
    asked[1]?.end('done');
    await until(() => [silent, half, late].every(({ isClosed, isEnded }) => isClosed || isEnded));
    assert.match(late.text, /done/);
    assert.deepEqual([silent.text, half.text, working.isClosed], ['', '', false]);
    asked[0]?.end('done');
    await stopped;
    await until(() => working.text.includes('done'));
  });

  it('that stops waits for no handshake that its client leaves undone, nor for one after which nothing is asked', async () => {
    const tls = createTlsFiles(folder, 'undone');
    const { port, ...address } = await at(done, { tls });
    const undone = dial(port);
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => undefined);
    dialled.push(socket);
    await once(socket, 'secureConnect');
    await until(() => !undone.socket.connecting);
    const begun = performance.now();
    await address.stop(60_000);
    assert.ok(performance.now() - begun < 5000, 'the handshake has ten seconds of its own');
  });

  const refused = async (text: string, bounds: Settings['bounds'] = {}) => {
    const { port } = await at(done, { bounds });
    const client = dial(port, text);
    await until(() => client.isEnded);
    return [statuses(client).at(-1), /"code":"([A-Z_]+)"/.exec(client.text)?.[1]];
  };

  it('has bounds for headers, for a request, and for what may stand in them, and says which was passed', async () => {
    const unending = 'POST / HTTP/1.1\r\nHost: x\r\n';
    const late = [408, 'REQUEST_TIMEOUT'];
    assert.deepEqual(await refused(`${unending}X: `, { headersSeconds: 0.1 }), late);
    assert.deepEqual(
      await refused(`${unending}Content-Length: 2\r\n\r\n`, { headersSeconds: 0.1, requestSeconds: 0.2 }),
      late,
    );
    const long = `${unending}X: ${'x'.repeat(17_000)}\r\n\r\n`;
    assert.deepEqual(await refused(long), [431, 'REQUEST_HEADERS_TOO_LARGE']);
    assert.deepEqual(await refused('hello\r\n\r\n'), [400, 'REQUEST_HTTP_MALFORMED']);
    const expecting = `${unending}Content-Length: 0\r\nExpect: tea\r\nConnection: close\r\n\r\n`;
    assert.deepEqual(await refused(expecting), [417, 'REQUEST_EXPECTATION_UNSUPPORTED']);
    assert.deepEqual(await refused(get().repeat(70)), [503, 'SERVER_BUSY']);
  });

  it('keeps a connection for longer than proxies do, and says so; one without Host is for the app to refuse', async () => {
    const { port } = await at(done);
    const client = dial(port, 'GET / HTTP/1.1\r\n\r\n');
    await until(() => client.text.includes('done'));
    assert.deepEqual(statuses(client), [200]);
    assert.match(client.text, /^Keep-Alive: timeout=65\r$/m);
  });

  it('cuts whoever takes nothing of an answer', async () => {
    let isOver = false;
    const answer: RequestListener = (_request, response) =>
      void response.on('close', () => (isOver = true)).end('x'.repeat(30_000_000));
    const { port } = await at(answer, { bounds: { stallSeconds: 0.2 } });
    const client = dial(port);
    client.socket.pause().write(get());
    await until(() => isOver);
    client.socket.resume();
    await until(() => client.isClosed || client.isEnded);
    assert.ok(client.text.length < 30_000_000);
  });

  const tunnel = 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n';

  it('takes no tunnel, and says so behind the answers that are due, however large; nothing after it is done', async () => {
    const asked: ServerResponse[] = [];
    const { port } = await at((_request, response) => void asked.push(response));
    const client = dial(port, `${get()}${get()}${tunnel}${get()}`);
    await until(() => asked.length === 2);
    asked[1]?.end('second');
    // Written as it is taken.
    const parts = Readable.from(Array.from({ length: 50 }, () => 'x'.repeat(100_000)));
    parts.pipe(asked[0]!);
    await until(() => client.isEnded);
    assert.deepEqual(statuses(client), [200, 200, 405]);
    assert.match(client.text, /second[^]*\r\nAllow: \r\n[^]*"code":"REQUEST_METHOD_NOT_ALLOWED"[^]*\}$/);
    assert.equal(client.text.match(/x{10,}/g)?.join('').length, 5_000_000);
    assert.equal(asked.length, 2);
  });

  it('that was asked for a tunnel cuts whoever takes nothing, is reset by whoever likes, and stops in its time', async () => {
    const closed: string[] = [];
    const { port, ...address } = await at(
      ({ url = '' }, response) => {
        response.on('close', () => closed.push(url));
        if (url === '/large') response.end('x'.repeat(30_000_000));
      },
      { bounds: { stallSeconds: 0.2 } },
    );
    const [lazy, gone, left] = [dial(port), dial(port, get('/gone') + tunnel), dial(port, get('/left') + tunnel)];
    lazy.socket.pause().write(get('/large') + tunnel);
    await until(() => closed.includes('/large'));
    gone.socket.resetAndDestroy();
    await until(() => closed.includes('/gone'));
    assert.deepEqual(closed, ['/large', '/gone']);
    const begun = performance.now();
    await address.stop(100);
    assert.ok(performance.now() - begun < 5000);
    await until(() => left.isEnded || left.isClosed);
  });

  it('asks for a certificate of the client where keys of clients are known, and takes any: who it is of is judged later', async () => {
    const [tls, own] = [createTlsFiles(folder, 'server'), createTlsFiles(folder, 'client')];
    const pair = { cert: readFileSync(own.certFile), key: readFileSync(own.keyFile) };
    const seen = async (clients: readonly object[]) => {
      const shown: (Buffer | undefined)[] = [];
      const { port } = await at(
        (request, response) => {
          const { socket } = request;
          assert.ok(socket instanceof TLSSocket);
          shown.push(socket.getPeerX509Certificate()?.raw);
          response.end('done');
        },
        { tls, clients },
      );
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...pair });
      dialled.push(socket);
      await once(socket, 'secureConnect');
      socket.write(get());
      await once(socket, 'data');
      return shown;
    };
    assert.deepEqual(await seen([{}]), [new X509Certificate(pair.cert).raw]);
    assert.deepEqual(await seen([]), [undefined]);
  });

  it('that stops sends away at once whoever waits for a handshake, which those under way are not', async () => {
    const tls = createTlsFiles(folder, 'waited-for');
    const { port, ...address } = await at(done, { tls, bounds: { connections: 1000 } });
    // A record that is whole, of a greeting that is not.
    const clients = Array.from({ length: 520 }, () => dial(port, '\x16\x03\x01\x00\x04\x01\x00\x00\x7f'));
    await until(() => clients.every(({ socket }) => !socket.connecting));
    // Until 512 have begun, and before their places are left.
    await sleep(2000);
    const stopped = address.stop(3000);
    await until(() => clients.filter(({ isClosed, isEnded }) => isClosed || isEnded).length === 8);
    await sleep(100);
    assert.equal(clients.filter(({ isClosed, isEnded }) => isClosed || isEnded).length, 8);
    clients.forEach(({ socket }) => socket.destroy());
    await stopped;
  });

  it('is not opened with a key that others can read', async () => {
    const tls = createTlsFiles(folder, 'open');
    chmodSync(tls.keyFile, 0o644);
    await assert.rejects(at(done, { tls }), { code: 'KEY_FILE_EXPOSED' });
  });

  it('with a certificate has TLS 1.2 or 1.3, and nothing older', async () => {
    const tls = createTlsFiles(folder, 'localhost');
    const { url, port } = await at(done, { tls });
    assert.match(url, /^https:/);
    const shake = async (more: object) => {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...more });
      dialled.push(socket);
      await once(socket, 'secureConnect');
      return socket;
    };
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await shake({ minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), version);
    }
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await assert.rejects(shake(old));
  });

  it('is not opened with a certificate and a key that are no pair', async () => {
    const [one, other] = [createTlsFiles(folder, 'one'), createTlsFiles(folder, 'other')];
    await assert.rejects(at(done, { tls: { certFile: one.certFile, keyFile: other.keyFile } }), {
      code: 'KEY_FILE_INVALID',
      message: new RegExp(one.certFile),
    });
  });
});
