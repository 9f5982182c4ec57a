// Many evidence bundles asked for at once, by one operator or by several: each is large while it is made.
import assert from 'node:assert/strict';
import { ApiProblem } from '../../../src/api/index.ts';
import { trustedWorld } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('evidence bundles that are asked for at once', () => {
  let server: TestServer;
  let begun = 0;
  let letGo = (): void => undefined;
  beforeEach(async () => {
    begun = 0;
    const open = new Promise<void>((resolve) => (letGo = resolve));
    server = await startTestServer({
      start: {
        wrapStore: (store) => ({
          ...store,
          findCircumstances: async (...of) => {
            begun += 1;
            await open;
            return store.findCircumstances(...of);
          },
        }),
      },
    });
    await trustedWorld(server);
  });
  afterEach(() => server.close());

  const ask = (count: number) =>
    Array.from({ length: count }, async (_, index) => {
      const client = index % 2 === 0 ? server.operator : server.client(server.operatorToken);
      const path = { hostId: 'hv-1' };
      return client.callRaw('exportHost', { path, headers: { accept: 'application/x-tar' } });
    });

  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('are made two at once, and all in the end', async () => {
    const answers = ask(12);
    await until(() => begun === 2);
    const { decision } = await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.deepEqual([decision, begun], ['allow', 2]);
    letGo();
    assert.ok((await Promise.all(answers)).every(({ status }) => status === 200));
    assert.equal(begun, 12);
  });

  it('let another operator in, whoever asked for thirty before', async () => {
    const token = await server.token('auditor');
    const order: string[] = [];
    const note = (what: string) => () => order.push(what);
    const mine = ask(32).map((answer) => answer.then(note('mine'), note('refused')));
    await until(() => begun === 2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const path = { hostId: 'hv-1' };
    const asked = server.client(token).callRaw('exportHost', { path, headers: { accept: 'application/x-tar' } });
    const theirs = asked.then(note('theirs'));
    await until(() => order.length === 1);
    letGo();
    await Promise.all([...mine, theirs]);
    assert.equal(order[0], 'refused');
    const place = order.indexOf('theirs');
    assert.ok(place > 0 && place < 8, order.join(' '));
  });

  it('wait in a row that has an end, and find place again behind it', async () => {
    const refused: unknown[] = [];
    const answers = ask(40).map((answer) => answer.catch((error: unknown) => refused.push(error)));
    await until(() => refused.length === 8);
    letGo();
    await Promise.all(answers);
    assert.equal(refused.length, 8);
    for (const error of refused) {
      assert.ok(error instanceof ApiProblem);
      assert.deepEqual([error.code, error.status, error.retryAfterSeconds], ['SERVER_BUSY', 503, 5]);
    }
    assert.equal((await Promise.all(ask(32))).length, 32);
  });
});
