// What is large and kept in great number, read by who wants little of each: golden measurements and break-glass statements, a megabyte each
// at most. What counts is how many are read at once.
import assert from 'node:assert/strict';
import { checkTrust } from '../../../src/server/doctor/check-trust.ts';
import type { Store } from '../../../src/server/storage/index.ts';
import { boundHost, draftBreakGlass, submitBreakGlass } from '../../support/break-glass.ts';
import { attest, enrol, paperHost, trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

interface Look {
  readonly name: string;
  readonly large: number;
  readonly turn: number;
}

const isLarge = (row: unknown): boolean =>
  typeof row === 'object' && row !== null && ('payload' in row || 'envelope' in row);

describe('golden measurements and break-glass statements', () => {
  let server: TestServer;
  let store: Store;
  let world: TrustedWorld;
  let looks: Look[] = [];
  let turn = 0;
  const statements = 3;

  /** The same store; it notes how many large rows each look gave, and in which turn of the event loop. */
  const watch = (opened: Store): Store =>
    (store = new Proxy(opened, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function' || !/golden|breakglass/i.test(String(name))) return method;
        return async (...values: readonly unknown[]): Promise<unknown> => {
          const began = turn;
          const found: unknown = await Reflect.apply(method, target, values);
          looks.push({ name: String(name), large: [found].flat().filter(isLarge).length, turn: began });
          return found;
        };
      },
    }));

  before(async () => {
    const count = (): void => {
      turn += 1;
      setImmediate(count).unref();
    };
    count();
    server = await startTestServer({
      start: { wrapStore: watch },
      settings: { breakGlass: { longestSeconds: 43_200 } },
    });
    world = await trustedWorld(server);
    const host = paperHost('hv-2', { tampering: ['changed-kernel'] });
    await attest(await enrol(server, host), host);
    for (let index = 0; index < statements; index += 1) {
      server.advance(1);
      const draft = { ticket: `INC-${index}` };
      const statement = draftBreakGlass(server, [await boundHost(server, 'hv-2')], draft);
      await submitBreakGlass(server, statement, world.operators);
    }
    // What is in force is known, and kept.
    await server.operator.call('listBreakGlass', {});
  });
  after(() => server.close());
  beforeEach(() => (looks = []));

  // Those that are open are asked for each second by whoever tells of their end, whatever else is done.
  const largeLooks = () => looks.filter(({ name, large }) => large > 0 && name !== 'listUntoldBreakGlass');
  const readOneByOne = (count: number): void => {
    const large = largeLooks();
    assert.deepEqual(
      [large.length, Math.max(...large.map((look) => look.large)), new Set(large.map((look) => look.turn)).size],
      [count, 1, count],
      JSON.stringify(looks),
    );
  };

  it('are read one in a turn for the gauges of what ends', async () => {
    const authorization = `Bearer ${await server.token('monitor')}`;
    const text = await (await fetch(`${server.url}/metrics`, { headers: { authorization } })).text();
    assert.match(text, /^touchstone_ended\{of="golden-measurement"\} 0$/m);
    looks = looks.filter(({ name }) => name !== 'listOpenBreakGlass');
    readOneByOne(world.goldens.length);
  });

  it('are read one in a turn for what the doctor and each start say', async () => {
    const checks = await checkTrust(store, server.config, server.now());
    assert.equal(checks.find(({ name }) => name === 'goldens')?.message, `${world.goldens.length} active`);
    // Those that are in force are looked at together.
    looks = looks.filter(({ name }) => name !== 'listOpenBreakGlass');
    readOneByOne(world.goldens.length);
  });

  it('are read one in a turn for what the removal of a signer ends', async () => {
    const removeSigners = [(await server.operator.call('listSigners', {})).items[0]?.keyid ?? ''];
    looks = [];
    await server.operator.call('askWhatIf', { body: { removeSigners } });
    looks = looks.filter(({ name }) => name !== 'listUntoldBreakGlass');
    const first = looks.findIndex(({ name }) => name === 'listGoldenHeads');
    looks = looks.slice(first, first + 1 + world.goldens.length);
    readOneByOne(world.goldens.length);
  });

  it('are listed by operators one statement in a turn, the newest first', async () => {
    const { items } = await server.operator.call('listBreakGlass', {});
    assert.deepEqual(
      items.map(({ ticket, hosts, state }) => [ticket, hosts, state]),
      ['INC-2', 'INC-1', 'INC-0'].map((ticket) => [ticket, 1, 'in-force']),
    );
    readOneByOne(statements);
  });

  it('are looked through one statement in a turn for an export', async () => {
    await server.operator.callRaw('exportHost', { path: { hostId: 'hv-2' }, headers: { accept: 'application/x-tar' } });
    looks = looks.filter(({ name }) => /breakglass/i.test(name));
    readOneByOne(statements);
  });
});
