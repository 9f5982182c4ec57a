// Deny lists: the newest issue of each, and the verdicts that it ends.
import type { DenyJudgement, DenyListRecord } from '../records.ts';
import { bytesOf } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';
import { openVerdictVoiding } from './verdict-voiding.ts';

interface DenyListRow {
  readonly name: string;
  readonly version: number;
  readonly envelope: Buffer;
  readonly stored_at: number;
  readonly stored_by: string;
  readonly removed_at: number | null;
  readonly removed_by: string | null;
  readonly remove_reason: string | null;
}

type DenyMethods = Pick<SyncStore, 'listDenyLists' | 'findDenyList' | 'saveDenyList' | 'removeDenyList'>;

export function openDenyTable(tables: Tables): DenyMethods {
  const { database, transact, audit, raiseTrustRevision } = tables;
  const list = database.prepare<[], DenyListRow>('SELECT * FROM deny_lists ORDER BY name');
  const find = database.prepare<[string], DenyListRow>('SELECT * FROM deny_lists WHERE name = ?');
  const save = database.prepare(
    `INSERT INTO deny_lists VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL)
     ON CONFLICT (name) DO UPDATE SET version = excluded.version, envelope = excluded.envelope,
     stored_at = excluded.stored_at, stored_by = excluded.stored_by, removed_at = NULL, removed_by = NULL,
     remove_reason = NULL WHERE excluded.version > version`,
  );
  const remove = database.prepare(
    `UPDATE deny_lists SET removed_at = $at, removed_by = $actor, remove_reason = $reason
     WHERE name = $name AND removed_at IS NULL`,
  );
  const findUnjudged = openUnjudged(tables);
  const voidVerdict = openVerdictVoiding(tables);

  return {
    listDenyLists: () => list.all().map(denyListOf),
    findDenyList: (name) => {
      const row = find.get(name);
      return row && denyListOf(row);
    },
    saveDenyList: ({ name, version, envelope, storedAt, storedBy }, { audit: draft, ...judgement }) =>
      transact(() => {
        const known = find.get(name);
        if (known !== undefined && known.version >= version) return 'older';
        const unjudged = findUnjudged(judgement.judged);
        if (unjudged.length > 0 && !judgement.voidUnjudged) return { unjudged };
        save.run(name, version, envelope, storedAt, storedBy);
        // An appraisal that is under way must not end without it.
        raiseTrustRevision();
        const { at, actor } = draft;
        const late = { code: 'DENIED_UNPROVEN', message: 'it attested while a deny list came into force' };
        const ends = new Map([...unjudged.map((host) => [host, late] as const), ...judgement.denied]);
        const voided = [...ends].filter(([host, { code, message }]) => voidVerdict(host, { at, code, message }));
        audit({ ...draft, details: { ...draft.details, hosts: voided.length } });
        for (const [subject, { code }] of voided) {
          audit({ at, actor, action: 'verdict.voided', subject, details: { denyList: name, version, code } });
        }
        return { hosts: voided.length };
      }),
    removeDenyList: (name, { reason, audit: draft }) =>
      transact(() => {
        const { at, actor } = draft;
        if (remove.run({ name, at, actor, reason }).changes === 0) return false;
        raiseTrustRevision();
        audit(draft);
        return true;
      }),
  };
}

/** Active hosts that have another last verdict than when they were looked at. */
function openUnjudged({ database }: Tables): (judged: DenyJudgement['judged']) => readonly string[] {
  const standing = database.prepare<[], { readonly id: string; readonly sequence: number }>(
    "SELECT id, verdict_sequence AS sequence FROM hosts WHERE state = 'active' AND verdict_sequence > 0 ORDER BY id",
  );
  return (judged) =>
    standing
      .all()
      .filter(({ id, sequence }) => judged.get(id) !== sequence)
      .map(({ id }) => id);
}

function denyListOf(row: DenyListRow): DenyListRecord {
  return {
    name: row.name,
    version: row.version,
    envelope: bytesOf(row.envelope),
    storedAt: row.stored_at,
    storedBy: row.stored_by,
    removed:
      row.removed_at === null
        ? undefined
        : { at: row.removed_at, by: row.removed_by ?? '', reason: row.remove_reason ?? '' },
  };
}
