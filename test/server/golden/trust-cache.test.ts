import assert from 'node:assert/strict';
import { createTrustCache, type TrustCache } from '../../../src/server/golden/trust-cache.ts';
import type { Store } from '../../../src/server/storage/index.ts';
import { createLog } from '../../../src/server/telemetry/log.ts';
import { applyPolicy, trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const log = createLog('silent');

describe('what is in force', () => {
  let server: TestServer;
  let store: Store;
  let world: TrustedWorld;
  let looks = 0;
  let trust: TrustCache;

  before(async () => {
    server = await startTestServer();
    await server.restart({ wrapStore: (opened) => (store = opened) });
    world = await trustedWorld(server);
    const counted: Store = {
      ...store,
      listSigners: () => {
        looks += 1;
        return store.listSigners();
      },
    };
    trust = createTrustCache({ store: counted, quorum: 2, log });
  });

  after(() => server.close());

  it('is read once for all that ask for it at the same time, and again after a change', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => trust.current()));
    assert.deepEqual([looks, new Set(all).size], [1, 1]);
    await applyPolicy(server, 'racks');
    const [after] = await Promise.all(Array.from({ length: 50 }, () => trust.current()));
    assert.equal(looks, 2);
    assert.deepEqual(after?.policies.map(({ id }) => id).sort(), ['fleet', 'racks']);
  });

  it('is asked for anew by whoever comes after a look that failed', async () => {
    let failures = 1;
    const failing: Store = {
      ...store,
      listPolicies: () => (failures-- > 0 ? Promise.reject(new TypeError('no policies now')) : store.listPolicies()),
    };
    const shy = createTrustCache({ store: failing, quorum: 2, log });
    const first = await Promise.allSettled([shy.current(), shy.current()]);
    assert.deepEqual(first.map(({ status }) => status), ['rejected', 'rejected']); // prettier-ignore
    assert.equal((await shy.current()).goldens.length, world.goldens.length);
  });

  it('proves no golden measurement again that is signed and approved as it was', async () => {
    const earlier = await trust.current();
    await applyPolicy(server, 'shelves');
    const later = await trust.current();
    assert.notEqual(later, earlier);
    assert.equal(later.goldens.length, world.goldens.length);
    later.goldens.forEach((golden, index) => assert.equal(golden, earlier.goldens[index]));
  });

  it('proves each again when the signers are others, and lets go of those that no longer reach the quorum', async () => {
    const { items } = await server.operator.call('listSigners', {});
    const keyid = items.find(({ name }) => name === 'bob')?.keyid ?? '';
    assert.notEqual((await trust.current()).goldens.length, 0);
    await server.operator.call('removeSigner', { path: { keyid }, body: { reason: 'he left' } });
    assert.deepEqual((await trust.current()).goldens, []);
  });
});
