import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { keepAppointments } from '../../src/agent/index.ts';
import { createApiClient, type ApiClient } from '../../src/api/index.ts';
import { listenOnLoopback, type Loopback } from '../support/loopback.ts';

/** Answers with each of these in turn, and stays at the last. */
function serve(answers: readonly { status: number; retryAfter?: number }[]): Promise<Loopback> {
  let place = 0;
  const server = createServer((_, response) => {
    const { status, retryAfter } = answers[Math.min(place, answers.length - 1)] ?? assert.fail();
    place += 1;
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
    const problem = { type: 'about:blank', title: 'busy', status, code: 'SERVER_BUSY', remedy: 'come back' };
    const body = status === 200 ? { status: 'ok' } : problem;
    response.writeHead(status, { 'content-type': status === 200 ? 'application/json' : 'application/problem+json' });
    response.end(JSON.stringify(body));
  });
  return listenOnLoopback(server);
}

describe('appointments', () => {
  let server: Loopback | undefined;
  let client: ApiClient | undefined;
  const waits: number[] = [];
  const slept: number[] = [];
  const ask = async (...answers: { status: number; retryAfter?: number }[]): Promise<unknown> => {
    server = await serve(answers);
    client = createApiClient({ baseUrl: server.url });
    const call = (): Promise<unknown> => client?.call('getHealth', {}) ?? assert.fail();
    const sleep = (ms: number): Promise<void> => Promise.resolve(void slept.push(ms));
    return keepAppointments(call, { sleep, random: () => 0.5, onWait: (ms) => waits.push(ms) });
  };
  afterEach(async () => {
    waits.length = slept.length = 0;
    client?.close();
    await server?.close();
  });

  it('are kept, a little later than named, until the server has time', async () => {
    await ask({ status: 503, retryAfter: 7 }, { status: 429, retryAfter: 0 }, { status: 200 });
    assert.deepEqual([waits, slept], [[7350, 1050], waits]);
  });

  it('are not made up: a refusal without a time is told at once', async () => {
    await assert.rejects(ask({ status: 503 }, { status: 200 }));
    assert.deepEqual(waits, []);
  });

  it('are bounded in number and length', async () => {
    await assert.rejects(ask({ status: 503, retryAfter: 86_400 }));
    assert.deepEqual(new Set(waits), new Set([600_000]));
    assert.equal(waits.length, 19);
  });

  it('end with the signal: what the server said is told then', async () => {
    const stopping = new AbortController();
    let asked = 0;
    server = await serve([{ status: 503, retryAfter: 600 }]);
    client = createApiClient({ baseUrl: server.url });
    const call = (): Promise<unknown> => {
      asked += 1;
      return client?.call('getHealth', {}) ?? assert.fail();
    };
    const sleep = (): Promise<void> => {
      stopping.abort();
      return Promise.resolve();
    };
    const options = { signal: stopping.signal, sleep, random: () => 0, onWait: () => undefined };
    await assert.rejects(keepAppointments(call, options), { code: 'SERVER_BUSY' });
    assert.equal(asked, 1);
  });
});
