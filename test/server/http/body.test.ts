// Bodies as they are read, without a server: what is kept of them, for how long, and what their heads may say.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { encodeCbor } from '../../../src/core/encoding/index.ts';
import { MalformedError } from '../../../src/core/error.ts';
import { ServerError } from '../../../src/server/errors.ts';
import { checkBodyHeaders, parseBody, readBody } from '../../../src/server/http/body.ts';
import { createBodyRoom } from '../../../src/server/load/body-room.ts';

/** A request whose body a test writes. */
function begin() {
  // As one of node:http, which closes when it is answered and not when it was read.
  const stream = new PassThrough({ autoDestroy: false });
  return { stream, request: stream as unknown as IncomingMessage };
}

const unbounded = { limit: 10, room: undefined };

describe('a body', () => {
  it('is what came, in one piece or in several, up to its limit', async () => {
    for (const parts of [['0123456789'], ['01234', '5', '6789']]) {
      const { stream, request } = begin();
      const reading = readBody(request, unbounded);
      for (const part of parts) stream.write(part);
      stream.end();
      assert.equal(Buffer.from(await reading).toString(), '0123456789');
    }
  });

  it('is refused where there is none, where it is too long, and where its sender left, before or while it was read', async () => {
    const none = begin();
    none.stream.end();
    await assert.rejects(readBody(none.request, unbounded), { code: 'REQUEST_BODY_MISSING' });
    const long = begin();
    const refused = assert.rejects(readBody(long.request, unbounded), { code: 'REQUEST_BODY_TOO_LARGE' });
    long.stream.write('0123456789');
    long.stream.write('0');
    await refused;
    const left = begin();
    const aborted = assert.rejects(readBody(left.request, unbounded), { code: 'REQUEST_ABORTED' });
    left.stream.write('0');
    left.stream.destroy();
    await aborted;
    await assert.rejects(readBody(left.request, unbounded), { code: 'REQUEST_ABORTED' });
  });

  it('is neither kept nor read any further once it was refused', async () => {
    const refusals = [
      { bounds: unbounded, code: 'REQUEST_BODY_TOO_LARGE' },
      { bounds: { limit: 100, room: createBodyRoom(10) }, code: 'SERVER_BUSY' },
    ];
    for (const { bounds, code } of refusals) {
      const { stream, request } = begin();
      const refused = assert.rejects(readBody(request, bounds), { code });
      stream.write('01234567890');
      await refused;
      assert.equal(stream.listenerCount('data'), 0);
    }
  });

  it('leaves its room when it is whole, too long, or given up', async () => {
    const room = createBodyRoom(10);
    const ends: readonly ((stream: PassThrough) => void)[] = [
      (stream) => stream.end(),
      (stream) => stream.write('012345'),
      (stream) => stream.destroy(),
    ];
    for (const end of ends) {
      const { stream, request } = begin();
      const reading = readBody(request, { limit: 10, room }).catch(() => undefined);
      stream.write('012345');
      end(stream);
      await reading;
    }
    const { stream, request } = begin();
    stream.end('0123456789');
    assert.equal((await readBody(request, { limit: 10, room })).length, 10);
  });

  it('is refused by its head: encoded, announced as too long, or of another type, however that is written', () => {
    const check = (headers: IncomingMessage['headers'], consumes: readonly string[] = ['application/json']) =>
      checkBodyHeaders(Object.assign(begin().request, { headers }), consumes, 10);
    const type = { 'content-type': 'application/json' };
    check({ ...type, 'content-length': '10', 'content-encoding': 'identity' });
    check({ 'content-type': ' Application/JSON ; charset=utf-8' });
    check({}, []);
    const refusals: readonly (readonly [string, IncomingMessage['headers'], (readonly string[])?])[] = [
      ['REQUEST_CONTENT_ENCODING_UNSUPPORTED', { ...type, 'content-encoding': 'gzip' }],
      ['REQUEST_BODY_TOO_LARGE', { ...type, 'content-length': '11' }],
      ['REQUEST_BODY_TOO_LARGE', { 'content-length': '11' }, []],
      ['REQUEST_CONTENT_TYPE_UNSUPPORTED', {}],
      ['REQUEST_CONTENT_TYPE_UNSUPPORTED', { 'content-type': 'text/plain' }],
    ];
    for (const [code, headers, consumes] of refusals) assert.throws(() => check(headers, consumes), { code });
  });

  it('of a type that is not read here is told which is', () => {
    const request = Object.assign(begin().request, { headers: { 'content-type': 'text/plain' } });
    const check = () => checkBodyHeaders(request, ['application/json', 'application/cbor'], 10);
    assert.throws(check, { headers: { 'accept-post': 'application/json, application/cbor' } });
  });

  it('is JSON, or CBOR that says the same, nested no deeper than anything that is read here', () => {
    const parse = (type: string, bytes: Uint8Array) =>
      parseBody(Object.assign(begin().request, { headers: { 'content-type': type } }), bytes, 'short');
    const json = (text: string) => parse('application/json', Buffer.from(text));
    assert.deepEqual(json('{"a":"AQI="}'), { a: 'AQI=' });
    assert.deepEqual(parse('application/cbor', encodeCbor(new Map([['a', Uint8Array.of(1, 2)]]))), { a: 'AQI=' });
    json('['.repeat(32) + ']'.repeat(32));
    const refused = (work: () => unknown, said: object) =>
      assert.throws(work, (error) => {
        assert.ok(error instanceof ServerError && error.cause instanceof MalformedError);
        const { code, at } = error;
        assert.deepEqual({ code, at }, { code: 'REQUEST_BODY_MALFORMED', ...said });
        return true;
      });
    refused(() => json('['.repeat(33) + ']'.repeat(33)), { at: 32 });
    refused(() => parse('application/cbor', Uint8Array.of(0xa1)), { at: 1 });
    refused(() => parse('application/json', Uint8Array.of(0x22, 0xff, 0x22)), { at: undefined });
  });

  describe('of a million values', () => {
    const { request } = begin();
    const taken = Object.assign(request, { headers: { 'content-type': 'application/json' } });
    const lists = (count: number) => Buffer.from(`[${'[],'.repeat(count - 2)}[]]`);

    it('attack 32: is refused as soon as there are more than what hosts and strangers send has', () => {
      assert.equal((parseBody(taken, lists(65_536), 'short') as unknown[]).length, 65_535);
      assert.throws(() => parseBody(taken, lists(65_537), 'short'), {
        code: 'REQUEST_BODY_MALFORMED',
        at: 196_606,
      });
    });

    it('is read after others had a turn where it is long, whoever sends it', async () => {
      const log = JSON.stringify({ eventLog: 'A'.repeat(1_048_576) });
      const short = parseBody(taken, Buffer.from(`${' '.repeat(1_048_575)}1`), 'short');
      assert.equal(short, 1);
      const done: string[] = [];
      const others = setImmediate()
        .then(() => done.push('other'))
        .then(() => setImmediate())
        .then(() => done.push('another'));
      assert.deepEqual(await parseBody(taken, Buffer.from(log), 'short'), JSON.parse(log));
      done.push('body');
      await others;
      // Before it is decoded, and before it is taken apart.
      assert.deepEqual(done, ['other', 'another', 'body']);
      await assert.rejects(parseBody(taken, Buffer.from(`${' '.repeat(1_048_576)}[`), 'short') as Promise<unknown>, {
        code: 'REQUEST_BODY_MALFORMED',
      });
    });

    it('is taken apart in pieces where it comes from others, one body after the other', async () => {
      const done: string[] = [];
      let isOver = false;
      const others = (async () => {
        while (!isOver) {
          done.push('other');
          await setImmediate();
        }
      })();
      const parse = async (name: string) => {
        const body = (await parseBody(taken, lists(100_000), 'any-length')) as unknown[];
        done.push(name);
        return body.length;
      };
      assert.deepEqual(await Promise.all([parse('first'), parse('second')]), [99_999, 99_999]);
      isOver = true;
      await others;
      const [first, second] = [done.indexOf('first'), done.indexOf('second')];
      assert.ok(first >= 9, `${first} turns of others while the first was read`);
      assert.ok(second - first >= 9, `${second - first} turns of others while the second was read`);
      const cut = lists(100_000).subarray(1);
      await assert.rejects(parseBody(taken, cut, 'any-length') as Promise<unknown>, {
        code: 'REQUEST_BODY_MALFORMED',
      });
      assert.equal(((await parseBody(taken, lists(30_000), 'any-length')) as unknown[]).length, 29_999);
    });
  });
});
