// Golden measurements with their signatures, and what their end does to verdicts.
import type { GoldenRecord, GoldenSignatureRecord } from '../records.ts';
import { bytesOf, goldenOf, type GoldenRow } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';
import { openVerdictVoiding } from './verdict-voiding.ts';

type GoldenMethods = Pick<SyncStore, 'listGoldens' | 'listGoldensByState' | 'findGolden' | 'saveGolden' | 'endGolden'>;

export function openGoldenTables(tables: Tables): GoldenMethods {
  const { database, transact, audit, raiseTrustRevision } = tables;
  const find = database.prepare<[string], GoldenRow>('SELECT * FROM goldens WHERE id = ?');
  const list = database.prepare<[string, number], GoldenRow>('SELECT * FROM goldens WHERE id > ? ORDER BY id LIMIT ?');
  const byState = database.prepare<[string], GoldenRow>('SELECT * FROM goldens WHERE state = ? ORDER BY id');
  const signatures = database.prepare<[string], { readonly sig: Buffer; readonly keyid: string | null }>(
    'SELECT sig, keyid FROM golden_signatures WHERE golden_id = ? ORDER BY sig',
  );
  const insert = database.prepare(
    `INSERT INTO goldens VALUES (?, ?, ?, 'proposed', ?, ?, NULL, NULL, NULL, NULL) ON CONFLICT DO NOTHING`,
  );
  const insertSignature = database.prepare('INSERT OR IGNORE INTO golden_signatures VALUES (?, ?, ?)');
  const activate = database.prepare(
    "UPDATE goldens SET state = 'active', activated_at = ? WHERE id = ? AND state = 'proposed'",
  );
  const end = database.prepare('UPDATE goldens SET state = ?, ended_at = ?, end_reason = ?, cve = ? WHERE id = ?');
  const voidVerdicts = openRevocation(tables);

  const recordOf = (row: GoldenRow): GoldenRecord =>
    goldenOf(
      row,
      signatures.all(row.id).map(({ sig, keyid }) => ({ sig: bytesOf(sig), keyid: keyid ?? undefined })),
    );
  const current = (id: string): GoldenRecord => {
    const row = find.get(id);
    if (row === undefined) throw new TypeError(`${id} is not stored`);
    return recordOf(row);
  };
  const addSignature = (id: string, { sig, keyid }: GoldenSignatureRecord): void => {
    insertSignature.run(id, sig, keyid ?? null);
  };

  return {
    listGoldens: ({ after, limit }) => list.all(after ?? '', limit).map(recordOf),
    listGoldensByState: (state) => byState.all(state).map(recordOf),
    findGolden: (id) => {
      const row = find.get(id);
      return row && recordOf(row);
    },
    saveGolden: ({ id, layer, name, payload, signatures: given, at }, decide) =>
      transact(() => {
        insert.run(id, layer, name, payload, at);
        const state = find.get(id)?.state;
        if (state === 'retired' || state === 'revoked') return 'ended';
        for (const signature of given) addSignature(id, signature);
        const decision = decide(current(id));
        if (decision.state === 'active') activate.run(at, id);
        raiseTrustRevision();
        audit(decision.audit);
        return current(id);
      }),
    endGolden: (id, { state, reason, cve, audit: draft }) =>
      transact(() => {
        end.run(state, draft.at, reason, cve ?? null, id);
        raiseTrustRevision();
        audit(draft);
        return state === 'revoked' ? voidVerdicts(id, draft) : 0;
      }),
  };
}

/** Ends the verdicts that rest on a revoked golden measurement, each with its own audit entry. */
function openRevocation(tables: Tables): (goldenId: string, draft: { at: number; actor: string }) => number {
  const { database, audit } = tables;
  const voidVerdict = openVerdictVoiding(tables);
  const resting = database
    .prepare<[string], string>('SELECT host_id FROM verdict_goldens WHERE golden_id = ? ORDER BY host_id')
    .pluck();
  return (goldenId, { at, actor }) => {
    let count = 0;
    for (const hostId of resting.all(goldenId)) {
      const message = `it rested on ${goldenId}, which was revoked`;
      const code = 'GOLDEN_MEASUREMENT_REVOKED';
      if (!voidVerdict(hostId, { at, code, message })) continue;
      audit({ at, actor, action: 'verdict.voided', subject: hostId, details: { code, golden: goldenId } });
      count += 1;
    }
    return count;
  };
}
