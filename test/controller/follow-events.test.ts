// Events as a bell, told by a server that is broken or means ill.
import assert from 'node:assert/strict';
import { createApiClient, type ApiUnreachable } from '../../src/api/index.ts';
import { followEvents } from '../../src/controller/follow-events.ts';
import { startPublisher } from '../support/publisher.ts';

describe('a controller that follows events', () => {
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
    assert.equal(pauses.length, 2);
    const places = server.requests.map((url) => new URL(url, 'http://x').searchParams.get('after'));
    assert.deepEqual(places, [null, '7', '7', '7', '8']);
  });
});
