// Deny lists and golden measurements as large as they come: others have their turns while they are read, for whoever lists them, asks about
// them, or what they would do.
import assert from 'node:assert/strict';
import { hashHex } from '../../../src/core/crypto/index.ts';
import { createDenyRules, denyRulesInPieces, encodeDenyList } from '../../../src/core/deny/index.ts';
import { bytesEqual } from '../../../src/core/encoding/index.ts';
import { encodeArchive, encodeTrust, type RecordedTrust } from '../../../src/core/evidence-bundle/index.ts';
import { goldenPayloadType } from '../../../src/core/golden/index.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import { viewDenyList } from '../../../src/server/deny/deny-lists.ts';
import { findDenied } from '../../../src/server/deny/find-denied.ts';
import { createTrustSnapshot } from '../../../src/server/evidence/snapshot.ts';
import { proposeGolden, viewGolden } from '../../../src/server/golden/approve.ts';
import { recallStatement, type EndedStatements } from '../../../src/server/golden/recall-statement.ts';
import type { TrustInForce } from '../../../src/server/golden/trust-cache.ts';
import { createTrustCache } from '../../../src/server/golden/trust-cache.ts';
import { ownTurn } from '../../../src/server/own-turn.ts';
import type { DenyListRecord, GoldenRecord, Snapshot, Store } from '../../../src/server/storage/index.ts';
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
/** Of a statement of 0.9 MB: its text. */
const longPieces = 25;

describe('what is large', () => {
  it('is read while others have their turns: a golden measurement of files, where one is recalled or proposed', async () => {
    const payload = goldenOfFiles(1);
    const store = { findGolden: () => Promise.resolve({ payload }) };
    const memory = { ended: { get: () => undefined, set: () => undefined } };
    const recalled = await turnsDuring(() => recallStatement({ store, memory } as unknown as EndedStatements, 'any'));
    assert.ok(recalled >= longPieces, `${recalled} turns`);
    const context = { now: () => assert.fail('read by then') } as unknown as ServerContext;
    const envelope = { payloadType: goldenPayloadType, payload, signatures: [{ sig: new Uint8Array(64) }] };
    const proposed = await turnsDuring(() =>
      assert.rejects(proposeGolden(context, envelope, { actor: 'x', revision: 1 }), /read by then/),
    );
    assert.ok(proposed >= longPieces, `${proposed} turns`);
    const shown = await turnsDuring(async () => {
      const { statement } = await viewGolden({ ...envelope, signatures: [{ sig: new Uint8Array(64), keyid: undefined }] } as unknown as GoldenRecord, []); // prettier-ignore
      assert.equal(statement?.ima?.digests.length, 3400);
    });
    assert.ok(shown >= longPieces, `${shown} turns`);
  });

  it('is sorted while others have their turns: what deny lists deny', async () => {
    const lists = [1, 2, 3].map(() => denyList(entries));
    const turns = await turnsDuring(async () => {
      assert.deepEqual(await denyRulesInPieces(lists, ownTurn), createDenyRules(lists));
    });
    assert.ok(turns >= 3, `${turns} turns`);
    assert.equal(await denyRulesInPieces([denyList([])], ownTurn), undefined);
  });

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

  it('is kept as what verdicts rest on while others have their turns, as it would be at once: revocation lists', async () => {
    const trust = { signers: [], denyLists: [], namedGoldens: [], anchors: [], intermediates: [], policies: [] };
    const long = (length: number): RecordedTrust => ({
      ...{ ...trust, goldens: [] },
      revocationLists: [new Uint8Array(length).fill(7), Uint8Array.of(1, 2, 3)],
    });
    const turns = async (given: RecordedTrust) => {
      let made = (): Snapshot => assert.fail();
      const count = await turnsDuring(async () => void (made = await createTrustSnapshot(given, ownTurn)));
      const bytes = encodeArchive(encodeTrust({ ...given, revocationLists: given.revocationLists.map((list) => list.slice()) })); // prettier-ignore
      assert.ok(bytesEqual(made().bytes, bytes));
      assert.equal(made().sha256, hashHex('sha256', bytes));
      return count;
    };
    const count = await turns(long(3_000_000));
    assert.ok(count >= 15 + 3 + 2, `${count} turns`);
    assert.ok((await turns(long(300_000))) < 5);
    // Whoever asks is told: a verdict is not lost by it, and trust neither.
    const heavy = { ...long(3), denyLists: Array.from({ length: 70 }, () => new Uint8Array(1_000_000)) };
    const ask = await createTrustSnapshot(heavy, () => Promise.resolve());
    assert.throws(ask, { code: 'EVIDENCE_TOO_LARGE' });
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
