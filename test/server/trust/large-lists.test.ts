// A revocation list of tens of thousands of entries: it is read when it comes, and not again for whoever looks at lists or scrapes.
import assert from 'node:assert/strict';
import { parseCrl } from '../../../src/core/x509/index.ts';
import { importList, listBody, listBy } from '../../support/authority-lists.ts';
import { trustSimulator } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const others = 40_000;

describe('a large revocation list', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await trustSimulator(server);
    await importList(server.operator, listBody('root', { madeAt: server.now(), others }));
    // Trust is read anew behind it.
    await server.operator.call('listRevocationLists', {});
  });
  after(() => server.close());

  /** The shortest of some. */
  async function shortest(work: () => unknown): Promise<number> {
    let least = Infinity;
    for (let time = 0; time < 3; time += 1) {
      const begun = performance.now();
      await work();
      least = Math.min(least, performance.now() - begun);
    }
    return least;
  }

  /** How long nobody else had a turn, at most. */
  async function longestTurn(work: () => Promise<unknown>): Promise<number> {
    let [longest, last, isOver] = [0, performance.now(), false];
    const look = (): void => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
      if (!isOver) setImmediate(look);
    };
    look();
    await work();
    look();
    isOver = true;
    return longest;
  }

  it('is read in pieces when it comes, and once for import and trust', async () => {
    const list = listBy('intermediate', { madeAt: server.now(), others });
    const reading = await shortest(() => parseCrl(list));
    let longest = Infinity;
    // Neighbours have the core now and then: the calmest of three.
    for (let time = 0; time < 3; time += 1) {
      server.advance(1);
      const body = listBody('intermediate', { madeAt: server.now(), others });
      const turn = await longestTurn(async () => {
        await importList(server.operator, body);
        await server.operator.call('listRevocationLists', {});
      });
      longest = Math.min(longest, turn);
    }
    assert.ok(longest < reading / 2, `${longest.toFixed(0)} ms in one turn, and ${reading.toFixed(0)} to read it`);
  });

  it('is not read again for who lists, scrapes, or asks what another one would do', async () => {
    const list = listBy('root', { madeAt: server.now(), others });
    const reading = await shortest(() => parseCrl(list));
    const monitor = server.client(await server.token('monitor'));
    const listing = await shortest(async () => {
      const { items } = await server.operator.call('listRevocationLists', {});
      assert.deepEqual(items.map(({ entries }) => entries), [others, others]); // prettier-ignore
    });
    const scraping = await shortest(async () => {
      // Who scrapes at once is given what was found last.
      server.advance(3600);
      const { body } = await monitor.callRaw('getMetrics', { headers: { accept: '*/*' } });
      assert.match(new TextDecoder().decode(body), /touchstone_ended\{of="revocation-list"\} 0/);
    });
    const next = listBody('root', { madeAt: server.now() });
    const previewing = await shortest(() => server.operator.call('previewRevocationLists', { body: next }));
    for (const took of [listing, scraping, previewing])
      assert.ok(took < reading / 2, `${took.toFixed(0)} ms, and ${reading.toFixed(0)} to read it`);
  });
});
