// Checkpoints of a server, as a witness holds them against each other: history that was changed in the database is found out, also
// where the chain of hashes was made anew and holds.
import assert from 'node:assert/strict';
import { parseJwks } from '../../../src/core/crypto/index.ts';
import { decodeHex } from '../../../src/core/encoding/index.ts';
import {
  hashLeaf,
  isIncluded,
  openCheckpoint,
  verifyAppended,
  type OpenedCheckpoint,
} from '../../../src/core/transparency/index.ts';
import { createAuditTree } from '../../../src/server/audit/audit-tree.ts';
import { signAuditCheckpoint } from '../../../src/server/audit/sign-checkpoint.ts';
import { doctor } from '../../../src/server/index.ts';
import { readAudit, replaceAudit, rewriteAudit, type LogPlace } from '../../support/audit-tampering.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  describe(`checkpoints of a server over ${engine}`, function () {
    this.timeout(120_000);
    let server: TestServer;
    let place: LogPlace;
    let kept: OpenedCheckpoint;
    before(async () => {
      const storage = engine === 'PostgreSQL' ? await createTestDatabase() : undefined;
      server = await startTestServer({ storage });
      place = { dataDirectory: server.dataDirectory, storage };
      await act(300);
      kept = (await ask()).checkpoint;
      await act(20);
    });
    after(() => server.close());

    /** So many entries more. */
    async function act(count: number): Promise<void> {
      for (let entry = 0; entry < count; entry += 1)
        await server.operator.call('createToken', { body: { name: `token ${entry}`, role: 'monitor' } });
    }

    async function ask(from?: number, entry?: number) {
      const { operator } = server;
      const query = { ...(from === undefined ? {} : { from }), ...(entry === undefined ? {} : { entry }) };
      const {
        checkpoint: text,
        signature,
        consistency,
        inclusion,
      } = await operator.call('getAuditCheckpoint', { query });
      const keys = parseJwks((await operator.callRaw('getJwks', {})).body);
      return { checkpoint: await openCheckpoint({ text, signature }, keys), consistency, inclusion };
    }

    async function witness(): Promise<void> {
      const { checkpoint, consistency } = await ask(kept.size);
      verifyAppended(kept, checkpoint, consistency?.path.map(decodeHex));
    }

    /** While the server is stopped. */
    const meanwhile = (change: () => Promise<void>): Promise<void> => server.restart({}, change);

    it('say how many entries there are, and prove that the log was only appended to', async () => {
      const { checkpoint, consistency } = await ask(kept.size);
      assert.deepEqual([kept.log, kept.size, checkpoint.size], ['test.example', 301, 321]);
      assert.equal(consistency?.from, 301);
      assert.ok(consistency.path.length > 0 && consistency.path.length <= 10);
      await witness();
      await meanwhile(() => Promise.resolve());
      await witness();
      assert.equal((await ask()).consistency, undefined);
      assert.deepEqual((await ask(321)).consistency, { from: 321, path: [] });
    });

    it('prove the place of an entry that is asked about, and of none that the log does not have', async () => {
      const { items } = await server.operator.call('listAudit', { query: { after: 119, limit: 1 } });
      const [entry] = items;
      assert.ok(entry?.sequence === 120);
      const { checkpoint, inclusion } = await ask(undefined, 120);
      const [leaf, path] = [hashLeaf(decodeHex(entry.hash)), (inclusion?.path ?? []).map(decodeHex)];
      assert.equal(inclusion?.entry, 120);
      assert.ok(isIncluded({ leaf, index: 119, path }, checkpoint));
      const both = await ask(kept.size, checkpoint.size);
      assert.deepEqual([both.consistency?.from, both.inclusion?.entry], [kept.size, checkpoint.size]);
      assert.equal((await ask(undefined, checkpoint.size + 1)).inclusion, undefined);
      for (const wrong of [0, -1, 1.5]) await refuses(ask(undefined, wrong), 'REQUEST_INVALID', 400);
    });

    it('are signed for a log that is shorter than somebody says, without a proof, and not for sizes that no log has', async () => {
      assert.equal((await ask(322)).consistency, undefined);
      for (const from of [0, -1, 1.5]) await refuses(ask(from), 'REQUEST_INVALID', 400);
    });

    it('betray an entry that was changed, also where the chain of hashes holds and the doctor finds nothing', async () => {
      const honest = await readAudit(place);
      await meanwhile(() =>
        rewriteAudit(place, (entry) => (entry.sequence === 7 ? { ...entry, actor: 'somebody else' } : entry)),
      );
      assert.equal((await doctor(server.dataDirectory)).find(({ name }) => name === 'audit')?.ok, true);
      await assert.rejects(witness(), { code: 'CHECKPOINT_HISTORY_CHANGED' });
      await meanwhile(() => replaceAudit(place, honest));
      await witness();
    });

    it('betray an entry that was taken out, and a log that was cut and went on', async () => {
      const honest = await readAudit(place);
      await meanwhile(() => rewriteAudit(place, (entry) => (entry.sequence === 7 ? undefined : entry)));
      await assert.rejects(witness(), { code: 'CHECKPOINT_HISTORY_CHANGED' });
      await meanwhile(() => replaceAudit(place, honest.slice(0, 290)));
      await assert.rejects(witness(), { code: 'CHECKPOINT_LOG_CUT' });
      await act(kept.size - 290);
      await assert.rejects(witness(), { code: 'CHECKPOINT_HISTORY_CHANGED' });
      await act(5);
      await assert.rejects(witness(), { code: 'CHECKPOINT_HISTORY_CHANGED' });
      await meanwhile(() => replaceAudit(place, honest));
      await witness();
    });

    it('are not signed for a log that lacks entries', async () => {
      const honest = await readAudit(place);
      const without = honest.filter(({ sequence }) => sequence !== 7);
      await meanwhile(() => replaceAudit(place, without));
      await refuses(ask(), 'AUDIT_LOG_BROKEN', 500);
      await meanwhile(() => replaceAudit(place, honest));
      await witness();
    });
  });
}

describe('a checkpoint', () => {
  it('rejects when there is nothing to sign: a log without entries', async () => {
    const store = { lastAuditSequence: () => Promise.resolve(0), listAuditHashes: () => Promise.resolve([]) };
    const context = { store, auditTree: createAuditTree(store) } as unknown as Parameters<
      typeof signAuditCheckpoint
    >[0];
    await assert.rejects(signAuditCheckpoint(context, {}), { code: 'AUDIT_LOG_BROKEN' });
  });
});
