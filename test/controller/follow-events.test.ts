// Events as a bell, told by a server that is broken or means ill.
import assert from 'node:assert/strict';
import { createApiClient, type ApiUnreachable } from '../../src/api/index.ts';
import { followEvents } from '../../src/controller/follow-events.ts';
import { startPublisher } from '../support/publisher.ts';

describe('a controller that follows events', () => {
  /** The pause behind an answer without anything that came in no time. */
  const atOnce = 1000;

  it('pauses, longer each time, before a server that goes on where it went on before, and goes on where it was', async () => {
    const pages = [
      { items: [], next: 7, end: false },
      { items: [], next: 7, end: false },
      { items: [], next: 3, end: true },
      { items: [], next: 8, end: true },
    ];
    const stop = new AbortController();
    const server = await startPublisher((_request, response) => {
      const page = pages[server.requests.length - 1];
      if (server.requests.length > pages.length) stop.abort();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page ?? pages[3]));
    });
    const api = createApiClient({ baseUrl: `http://${server.address}` });
    const failures: string[] = [];
    const pauses: number[] = [];
    try {
      await followEvents({
        touchstone: () => api,
        clock: { monotonic: () => 0, sleep: (milliseconds) => Promise.resolve(void pauses.push(milliseconds)) },
        signal: stop.signal,
        onHost: () => undefined,
        onFailure: (error) => void failures.push((error as ApiUnreachable).code),
      });
    } finally {
      api.close();
      await server.close();
    }
    assert.deepEqual(failures, ['API_PAGES_ENDLESS', 'API_PAGES_ENDLESS']);
    const [second = 0, third = 0] = pauses.filter((milliseconds) => milliseconds !== atOnce);
    assert.deepEqual([pauses.length, second > 0, third > second], [4, true, true], pauses.join());
    const places = server.requests.map((url) => new URL(url, 'http://x').searchParams.get('after'));
    assert.deepEqual(places, [null, '7', '7', '7', '8']);
  });

  it('asks a server that does not wait once in a second, and one that waits at once again', async () => {
    const happened = {
      ...{ specversion: '1.0', id: '2', source: 'x', type: 'dev.touchstone.verdict.changed', subject: 'hv-1' },
      ...{ time: '2026-11-25T12:00:00.000Z', datacontenttype: 'application/json', sequence: '2', data: {} },
    };
    const stop = new AbortController();
    let [now, asked] = [0, 0];
    const server = await startPublisher((_request, response) => {
      if ((asked += 1) === 4) stop.abort();
      if (asked > 2) now += 20_000;
      const items = asked === 2 ? [happened] : [];
      const page = { items, next: asked, end: true };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page));
    });
    const api = createApiClient({ baseUrl: `http://${server.address}` });
    const happenings: unknown[] = [];
    try {
      await followEvents({
        touchstone: () => api,
        clock: { monotonic: () => now, sleep: (milliseconds) => Promise.resolve(void happenings.push(milliseconds)) },
        signal: stop.signal,
        onHost: (host) => void happenings.push(host),
        onFailure: (error) => void happenings.push(error),
      });
    } finally {
      api.close();
      await server.close();
    }
    assert.deepEqual(happenings, [atOnce, 'hv-1']);
  });
});
