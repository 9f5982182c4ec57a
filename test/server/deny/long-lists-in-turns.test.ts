// Deny lists and golden measurements as large as they come: others have their turns while they are read, for whoever lists them, asks about
// them, or what they would do.
import assert from 'node:assert/strict';
import { encodeDenyList } from '../../../src/core/deny/index.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import { viewDenyList } from '../../../src/server/deny/deny-lists.ts';
import { findDenied } from '../../../src/server/deny/find-denied.ts';
import type { TrustInForce } from '../../../src/server/golden/trust-cache.ts';
import { createTrustCache } from '../../../src/server/golden/trust-cache.ts';
import type { DenyListRecord, Store } from '../../../src/server/storage/index.ts';
import { emptyDraft, layDraft } from '../../../src/server/what-if/draft.ts';
import { createSigner } from '../../core/golden/material.ts';
import { denyEntry, denyList, sealList } from '../../core/deny/material.ts';
import { goldenOfFiles } from '../../support/golden-of-files.ts';
import { turnsDuring } from '../../support/turns-during.ts';

const entries = Array.from({ length: 2000 }, (_, index) =>
  denyEntry({ kind: 'firmware-version', version: '1.0' }, { id: `e-${index}` }),
);
const payload = () => encodeDenyList(denyList(entries));
const record = {
  ...{ name: 'fleet', version: 1, storedAt: 1, storedBy: 'token 1', removed: undefined },
  envelope: sealList(denyList(entries), [createSigner('alice')]),
} as DenyListRecord;
/** Of each list: its text, and its entries. */
const pieces = 6;

describe('what is large', () => {
  it('is shown while others have their turns: a deny list', async () => {
    const turns = await turnsDuring(async () => {
      const { claimed } = await viewDenyList(record);
      assert.equal(claimed.untrustedList.entries.length, 2000);
    });
    assert.ok(turns >= pieces, `${turns} turns`);
  });

  it('is held against the fleet after others had their turns: a deny list, stored or sent', async () => {
    for (const list of [{ name: 'fleet' }, { payload: payload() }]) {
      const context = {
        store: { findDenyList: () => Promise.resolve(record), countActiveHosts: () => Promise.resolve(0) },
        now: () => new Date(),
        whatIfSlots: { take: () => () => undefined },
        walks: { denials: async function* () {} },
      } as unknown as ServerContext;
      const turns = await turnsDuring(async () => {
        for await (const step of findDenied(context, { list, after: undefined, limit: 1 })) assert.ok(step);
      });
      assert.ok(turns >= pieces, `${turns} turns`);
    }
  });

  it('is supposed in force after others had their turns: golden measurements and deny lists of a draft', async () => {
    const context = { store: { listSigners: () => Promise.resolve([]) } } as unknown as ServerContext;
    const trust = {
      goldens: [],
      policies: [],
      rollouts: [],
      denyLists: [],
      denied: undefined,
    } as unknown as TrustInForce;
    const draft = {
      ...emptyDraft,
      activate: [goldenOfFiles(1), goldenOfFiles(2), goldenOfFiles(3)],
      deny: [payload()],
    };
    const turns = await turnsDuring(async () => {
      const laid = await layDraft(context, trust, draft);
      assert.deepEqual([laid.goldens.length, laid.denyLists[0]?.entries.length], [3, 2000]);
    });
    assert.ok(turns >= 3 + pieces, `${turns} turns`);
  });

  it('comes into force while others have their turns, and is read once: deny lists', async () => {
    let revision = 1;
    const none = () => Promise.resolve([]);
    const store = {
      ...{ listSigners: none, listGoldensByState: none, listPolicies: none, listAnchors: none, listRollouts: none },
      ...{ listRevocationLists: none, listIntermediates: none },
      trustRevision: () => Promise.resolve(revision),
      listDenyLists: () => Promise.resolve([record]),
    } as unknown as Store;
    const trust = createTrustCache({ store, quorum: 1, log: undefined as never });
    const read = async () => (await trust.current()).denyLists[0];
    const turns = await turnsDuring(read);
    assert.ok(turns >= pieces, `${turns} turns`);
    const before = await read();
    revision = 2;
    assert.equal(await read(), before);
  });
});
