// How an answer goes out, over a socket and without the rest of a server: whole, in lines, in parts, and to nobody.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { ServerError } from '../../../src/server/errors.ts';
import { loadContract } from '../../../src/server/http/contract.ts';
import { beginExchange, type Exchange } from '../../../src/server/http/exchange.ts';
import { sendAnswer } from '../../../src/server/http/send-answer.ts';
import { createAnswerRoom } from '../../../src/server/load/answer-room.ts';
import { listenOnLoopback, type Loopback } from '../../support/loopback.ts';
import { turnsDuring } from '../../support/turns-during.ts';

type Answer = Parameters<typeof sendAnswer>[0];

describe('an answer', () => {
  let server: Loopback;
  let answer: (exchange: Exchange) => void;
  const logged: object[] = [];
  const dialled: Socket[] = [];
  const log = { error: (entry: object) => logged.push(entry) };
  const contract = loadContract().getHealth;

  const begin = (made: Answer, exchange: Exchange, stallMs = 10_000, room = createAnswerRoom()) =>
    sendAnswer(made, exchange, {
      contract,
      stallMs,
      room,
      log: log as unknown as Parameters<typeof sendAnswer>[2]['log'],
    });
  before(async () => {
    const exchanges = createServer((request, response) => answer(beginExchange(request, response)));
    server = await listenOnLoopback(exchanges);
  });
  beforeEach(() => void logged.splice(0));
  afterEach(() => dialled.splice(0).forEach((socket) => socket.destroy()));
  after(() => server.close());

  const read = async (made: Answer) => {
    answer = (exchange) => void begin(made, exchange);
    const response = await fetch(server.url);
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes, text: bytes.toString() };
  };
  /** Asks, and reads nothing. */
  const dial = (count = 1): Socket => {
    const socket = connect(server.port, '127.0.0.1');
    dialled.push(socket);
    socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count));
    return socket.pause();
  };
  async function* each<Item>(...items: readonly Item[]): AsyncGenerator<Item> {
    for (const item of items) yield await Promise.resolve(item);
  }

  it('of JSON or of bytes is whole, whatever its length and letters', async () => {
    const health = await read({ status: 200, body: { status: 'ok' } } as unknown as Answer);
    assert.deepEqual([health.text, health.headers.get('content-type')], ['{"status":"ok"}', 'application/json; charset=utf-8']); // prettier-ignore
    for (const length of [0, 5, 128 * 1024, 128 * 1024 + 1, 1_000_000])
      for (const letter of ['a', 'ü']) {
        const content = letter.repeat(length);
        const raw = await read({ status: 200, raw: { mediaType: 'text/plain', content } });
        assert.ok(raw.text === content && raw.headers.get('content-length') === String(raw.bytes.length));
        const bytes = Buffer.from(content);
        const same = await read({ status: 200, raw: { mediaType: 'application/cbor', content: bytes } });
        assert.ok(bytes.equals(same.bytes));
      }
  });

  it('of megabytes leaves others their turns, however much is taken at once', async () => {
    const content = new Uint8Array(8 * 1024 * 1024);
    // A receiver that takes all that it is given.
    const response = Object.assign(Object.create(null), {
      ...{
        destroyed: false,
        writableFinished: true,
        writeHead: () => response,
        write: () => true,
        end: () => response,
      },
    }) as ServerResponse;
    const exchange = { response, request: { socket: {} }, principal: { actor: 'x' } } as unknown as Exchange;
    const raw = { mediaType: 'application/cbor', content };
    const turns = await turnsDuring(async () => begin({ status: 200, raw }, exchange));
    assert.ok(turns >= 8, `${turns} turns`);
  });

  it('without a body has the headers that its operation gives it', async () => {
    const { status, headers, text } = await read({ status: 304, headers: { etag: '"1"' } });
    assert.deepEqual([status, headers.get('etag'), text], [304, '"1"', '']);
  });

  it('in lines ends with the last of them, or with what went wrong', async () => {
    const lines = (made: AsyncIterable<object>): Answer => ({ status: 200, mediaType: 'application/x-ndjson', lines: made }); // prettier-ignore
    const { status, headers, text } = await read(lines(each({ a: 1 }, { b: 2 })));
    assert.deepEqual([status, headers.get('content-type')], [200, 'application/x-ndjson']);
    assert.equal(text, '{"a":1}\n{"b":2}\n');
    async function* failing(error: Error): AsyncGenerator<object> {
      yield* each({ a: 1 });
      throw error;
    }
    const refused = (await read(lines(failing(new ServerError('SERVER_BUSY'))))).text.split('\n');
    assert.equal(refused[0], '{"a":1}');
    assert.match(refused[1] ?? '', /^\{"problem":\{.*"code":"SERVER_BUSY"/);
    assert.deepEqual(logged, [], 'nothing that was not foreseen');
    const failed = (await read(lines(failing(new TypeError('secret'))))).text;
    assert.match(failed, /"code":"SERVER_INTERNAL"/);
    assert.doesNotMatch(failed, /secret/);
    assert.equal(logged.length, 1);
  });

  it('in parts is its head for who asks for that, and the work ends', async () => {
    const work = { isOver: false };
    async function* parts(): AsyncGenerator<string> {
      try {
        for (;;) yield await new Promise<string>((resolve) => setTimeout(resolve, 5, 'data: 1\n\n'));
      } finally {
        work.isOver = true;
      }
    }
    answer = (exchange) => void begin({ status: 200, mediaType: 'text/event-stream', parts: parts() }, exchange);
    const socket = connect(server.port, '127.0.0.1');
    dialled.push(socket);
    socket.write('HEAD / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    for (let turn = 0; turn < 200 && !work.isOver; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(work.isOver);
  });

  it('in parts has its head before the first of them, and is cut off where they fail', async () => {
    let told: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (told = resolve));
    async function* parts(): AsyncGenerator<string> {
      await first;
      yield 'data: 1\n\n';
    }
    answer = (exchange) => void begin({ status: 200, mediaType: 'text/event-stream', parts: parts() }, exchange);
    const response = await fetch(server.url);
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'text/event-stream; charset=utf-8']); // prettier-ignore
    told();
    assert.equal(await response.text(), 'data: 1\n\n');
    async function* failing(): AsyncGenerator<string> {
      yield* each('data: 1\n\n');
      throw new ServerError('SERVER_BUSY');
    }
    const ending = new Promise((resolve) => {
      answer = (exchange) => {
        const sending = begin({ status: 200, mediaType: 'text/event-stream', parts: failing() }, exchange);
        resolve(sending?.catch((error: unknown) => (error as ServerError).code));
        void sending?.catch(() => exchange.response.destroy());
      };
    });
    await assert.rejects(fetch(server.url).then((cut) => cut.text()));
    assert.equal(await ending, 'SERVER_BUSY');
  });

  /** Parts without end, as long as anybody takes them. */
  const endless = (length = 64 * 1024) => {
    const work = { isOver: false, made: 0 };
    async function* parts(): AsyncGenerator<string> {
      try {
        for (;;) {
          work.made += 1;
          yield await Promise.resolve('x'.repeat(length));
        }
      } finally {
        work.isOver = true;
      }
    }
    return { work, parts: parts() };
  };
  const sent = (made: Answer, stallMs: number, count = 1) => {
    const responses: ServerResponse[] = [];
    const done: (Promise<void> | undefined)[] = [];
    const asked = new Promise<void>((resolve) => {
      answer = (exchange) => {
        responses.push(exchange.response);
        // Only the last of them is made: what stands before it waits.
        if (responses.length < count) return;
        done.push(begin(made, exchange, stallMs));
        resolve();
      };
    });
    return { responses, asked, done: async () => { await asked; await done[0]; } }; // prettier-ignore
  };

  it('ends the work behind it when nobody takes it any more, and when whoever took it is gone', async () => {
    const stalled = endless();
    const cut = sent({ status: 200, mediaType: 'text/event-stream', parts: stalled.parts }, 50);
    dial();
    await cut.done();
    assert.ok(stalled.work.isOver && cut.responses[0]?.destroyed === true);
    const left = endless();
    const gone = sent({ status: 200, mediaType: 'text/event-stream', parts: left.parts }, 60_000);
    const socket = dial();
    await gone.asked;
    while (left.work.made < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    await gone.done();
    assert.ok(left.work.isOver);
  });

  it('in lines ends its work as well, and is not made before it is taken', async () => {
    const { work, parts } = endless();
    async function* lines(): AsyncGenerator<object> {
      for await (const part of parts) yield { part };
    }
    const cut = sent({ status: 200, mediaType: 'application/x-ndjson', lines: lines() }, 50);
    dial();
    await cut.done();
    assert.ok(work.isOver && work.made < 1000, `${work.made} lines`);
  });

  it('is not begun for whoever is gone already', async () => {
    const { work, parts } = endless();
    const gone = new Promise<Exchange>((resolve) => {
      answer = (exchange) => {
        exchange.response.destroy();
        exchange.response.once('close', () => resolve(exchange));
      };
    });
    dial();
    await begin({ status: 200, mediaType: 'text/event-stream', parts }, await gone);
    assert.deepEqual(work, { isOver: true, made: 1 });
  });

  it('is whole for whoever took long once, and went on in time', async () => {
    async function* parts(): AsyncGenerator<string> {
      yield 'x'.repeat(20_000_000);
      await new Promise((resolve) => setTimeout(resolve, 400));
      yield 'end';
    }
    const kept = sent({ status: 200, mediaType: 'text/event-stream', parts: parts() }, 300);
    const socket = dial();
    await kept.asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resume();
    await kept.done();
    assert.equal(kept.responses[0]?.writableEnded, true);
  });

  it('of some size is cut where nobody takes it', async () => {
    const cut = sent({ status: 200, raw: { mediaType: 'text/plain', content: 'x'.repeat(20_000_000) } }, 50);
    dial();
    await cut.done();
    assert.ok(cut.responses[0]?.destroyed);
  });

  it('is cut where more is kept than there is room for: of the one who keeps most, what was longest not taken', async () => {
    const room = createAnswerRoom(40_000_000);
    const open = new Map<string, ServerResponse>();
    const whose: string[] = [];
    const keep = (length: number) => {
      answer = (exchange) => {
        const name = whose.shift() ?? assert.fail();
        open.set(name, exchange.response);
        exchange.principal = { role: 'operator', actor: name.slice(0, 1), hostId: undefined };
        void begin(
          { status: 200, raw: { mediaType: 'text/plain', content: 'x'.repeat(length) } },
          exchange,
          60_000,
          room,
        );
      };
    };
    const ask = async (name: string): Promise<Socket> => {
      whose.push(name);
      const socket = dial();
      while (!open.has(name)) await new Promise((resolve) => setTimeout(resolve, 5));
      return socket;
    };
    const cut = () => [...open].filter(([, { destroyed }]) => destroyed).map(([name]) => name);
    keep(12_000_000);
    const reader = await ask('a1');
    const others = ['b1', 'b2', 'b3', 'b4', 'b5', 'b6'];
    for (const name of others) await ask(name);
    // The kernel takes a part of each by itself.
    const first = cut();
    assert.ok(first.length > 0 && first.length < others.length, first.join());
    assert.deepEqual(first, others.slice(0, first.length));
    let length = 0;
    reader.on('data', (part: Uint8Array) => {
      length += part.length;
      if (length > 12_000_000) reader.destroy();
    });
    await once(reader.resume(), 'close');
    assert.ok(length > 12_000_000, 'whoever keeps less has all of it');
    open.forEach((response) => response.destroy());
    while ([...open.values()].some(({ closed }) => !closed)) await new Promise((resolve) => setTimeout(resolve, 5));
    open.clear();
    await ask('d1');
    await ask('d2');
    assert.deepEqual(cut(), [], 'nothing is kept for who is gone');
  });

  it('behind another answer is counted, be it small, and is cut with its connection', async () => {
    const room = createAnswerRoom(1_000_000);
    const responses: ServerResponse[] = [];
    answer = (exchange) => {
      // The first is never answered.
      if (responses.push(exchange.response) === 1) return;
      exchange.principal = { role: 'operator', actor: 'a', hostId: undefined };
      void begin(
        { status: 200, raw: { mediaType: 'text/plain', content: 'x'.repeat(100_000) } },
        exchange,
        60_000,
        room,
      );
    };
    const gone = once(dial(30).resume(), 'close');
    await gone;
    assert.ok(responses.length >= 12 && responses[0]?.destroyed, `${responses.length} answers`);
  });

  it('behind another answer waits for that one, however long it takes, and has its own time then', async () => {
    const { work, parts } = endless(20_000_000);
    const second = sent({ status: 200, mediaType: 'text/event-stream', parts }, 50, 2);
    dial(2);
    await second.asked;
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual([work.isOver, second.responses[1]?.destroyed], [false, false]);
    second.responses[0]?.end();
    await second.done();
    assert.deepEqual([work.isOver, second.responses[1]?.destroyed], [true, true]);
  });
});
