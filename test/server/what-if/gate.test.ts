// The gate before a change, where the fleet takes long to look at: who waits hears how far it is while it is looked at.
import assert from 'node:assert/strict';
import type { ApiClient, components } from '../../../src/api/index.ts';
import { decodeBase64 } from '../../../src/core/encoding/index.ts';
import { documentIdOf } from '../../../src/core/golden/index.ts';
import type { Store } from '../../../src/server/storage/index.ts';
import { bootLayers, propose, signStatement, type Statement } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { bootFleet, statements, type Fleet } from './fleet.ts';

interface Line {
  readonly progress?: components['schemas']['FleetProgress'];
  readonly result?: object;
  readonly problem?: components['schemas']['Problem'];
}

interface World {
  readonly operator: ApiClient;
  readonly fleet: Fleet;
  /** Makes two hosts trusted. Alice has signed it. */
  readonly draft: Statement;
}

type Change = (world: World, query: { readonly maxFlips: number }) => AsyncIterable<Line>;

const body = { reason: 'test' };

/** By each of them two hosts gain or lose trust. */
const changes: Readonly<Record<string, Change>> = {
  propose: ({ operator, fleet, draft }, query) => {
    const { payloadType, payload } = draft;
    const signatures = fleet.operators.map((one) => ({ sig: signStatement(one, draft) }));
    const envelope = { payloadType, payload, signatures };
    return operator.callLines('proposeGoldenMeasurement', { query, body: { envelope } });
  },
  sign: ({ operator, fleet, draft }, query) => {
    const path = { goldenId: documentIdOf(decodeBase64(draft.payload)) };
    return operator.callLines('signGoldenMeasurement', { path, query, body: { sig: signStatement(fleet.operators[1], draft) } }); // prettier-ignore
  },
  retire: ({ operator, fleet }, query) =>
    operator.callLines('retireGoldenMeasurement', { path: { goldenId: fleet.goldens[0] ?? '' }, query, body }),
  revoke: ({ operator, fleet }, query) =>
    operator.callLines('revokeGoldenMeasurement', { path: { goldenId: fleet.goldens[0] ?? '' }, query, body }),
  'write a policy': ({ operator }, query) => {
    const requireFacts = { kernelCommandLine: { forbid: ['quiet'] } };
    const policy = { layers: bootLayers, verdictSeconds: 600, hosts: { all: true as const }, requireFacts };
    return operator.callLines('putPolicy', { path: { policyId: 'fleet' }, query, body: policy });
  },
};

describe('the gate before a change', () => {
  let server: TestServer;
  let world: World;
  // Hosts that boot alike are looked at once. What comes after the first of them waits until `goOn`.
  let looks = 0;
  let goOn: () => void = () => undefined;
  let until = Promise.resolve();
  const hold = (): void => {
    looks = 0;
    until = new Promise((resolve) => (goOn = resolve));
  };
  const slowly = (store: Store): Store => ({
    ...store,
    findLog: async (sha256) => {
      looks += 1;
      if (looks > 1) await until;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return store.findLog(sha256);
    },
  });
  beforeEach(async () => {
    server = await startTestServer();
    const fleet = await bootFleet(server, { old: 2, new: 2 });
    const [kernel, initrd] = await statements(server, 'new-1', ['kernel', 'initrd']);
    assert.ok(kernel !== undefined && initrd !== undefined);
    await propose(server, initrd, fleet.operators);
    await propose(server, kernel, [fleet.operators[0]]);
    await server.restart({ wrapStore: slowly });
    world = { operator: server.operator, fleet, draft: kernel };
  });
  afterEach(() => server.close());

  const audited = async (): Promise<number> => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.length; // prettier-ignore

  for (const [name, change] of Object.entries(changes)) {
    const linesOf = async (maxFlips: number): Promise<Line[]> => {
      const all: Line[] = [];
      hold();
      for await (const line of change(world, { maxFlips })) {
        all.push(line);
        goOn();
      }
      return all;
    };

    it(`says how far it is before the whole fleet was looked at, and then what came of it: ${name}`, async () => {
      const before = await audited();
      const refused = await linesOf(1);
      assert.equal(refused.at(-1)?.problem?.code, 'CHANGE_FLIPS_TOO_MANY');
      assert.equal(await audited(), before);
      const made = await linesOf(2);
      assert.ok(made.at(-1)?.result !== undefined, JSON.stringify(made));
      assert.ok((await audited()) > before);
      for (const [first] of [refused, made]) {
        assert.ok(first?.progress !== undefined && first.progress.done < first.progress.total);
      }
    });
  }

  it('says at once what is wrong with the change, by the status of its answer', async () => {
    const goldenId = `sha256:${'0'.repeat(64)}`;
    const lines = server.operator.callLines('retireGoldenMeasurement', { path: { goldenId }, query: { maxFlips: 2 }, body }); // prettier-ignore
    await refuses((async () => { for await (const line of lines) assert.fail(JSON.stringify(line)); })(), 'GOLDEN_MEASUREMENT_NOT_FOUND', 404); // prettier-ignore
  });
});
