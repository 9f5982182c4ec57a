// When a decision was made: before its hosts were read, as far as what may be missing goes, and after it, as far as what is over goes.
import assert from 'node:assert/strict';
import { enrol, paperHost, trustedWorld } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('a batch of admission decisions that takes a while', () => {
  let server: TestServer;
  /** What happens between the reading of the first host and of the second one. */
  let meanwhile: () => void = () => undefined;
  before(async () => {
    server = await startTestServer();
    await trustedWorld(server);
    const slow = await enrol(server, paperHost('hv-slow'));
    await server.restart({
      wrapStore: (store) => ({
        ...store,
        readAhead: () => undefined,
        findStanding: (id) => {
          if (id === slow.hostId) meanwhile();
          return store.findStanding(id);
        },
      }),
    });
  });
  after(() => server.close());

  const ask = async () => {
    const body = { requests: [{ hosts: ['hv-1', 'hv-slow'] }] };
    const { decidedAt, items } = await server.operator.call('createAdmissionBatch', { body });
    return { decidedAt: Date.parse(decidedAt), first: items[0]?.[0] };
  };

  it('is dated from before its hosts were read, and relied on no longer for having been slow', async () => {
    const begun = server.now().getTime();
    meanwhile = () => server.advance(20);
    const { decidedAt, first } = await ask();
    assert.deepEqual([first?.decision, decidedAt], ['allow', begun]);
    assert.equal(Date.parse(first?.validUntil ?? ''), begun + 60_000);
  });

  it('allows nothing by a verdict that ended while hosts were read', async () => {
    meanwhile = () => server.advance(600);
    assert.deepEqual(
      (await ask()).first?.reasons.map(({ code }) => code),
      ['VERDICT_EXPIRED'],
    );
  });
});
