// Break-glass statements. Rows are never removed: a statement that was ended must not come into force again.
import type { AuditDraft, BreakGlassRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { raiseTrustRevision } from '../database.ts';
import { bytesOf } from '../rows.ts';
import { statement, type Database, type Transaction } from '../sql.ts';

interface BreakGlassRow {
  readonly id: string;
  readonly envelope: Buffer;
  readonly until: number;
  readonly stored_at: number;
  readonly stored_by: string;
  readonly ended_at: number | null;
  readonly ended_by: string | null;
  readonly end_reason: string | null;
}

type BreakGlassMethods = Pick<
  Store,
  | 'listBreakGlassIds'
  | 'listOpenBreakGlass'
  | 'listUntoldBreakGlass'
  | 'findBreakGlass'
  | 'saveBreakGlass'
  | 'endBreakGlass'
  | 'tellBreakGlassEnd'
>;

const listIds = statement<Pick<BreakGlassRow, 'id'>>('SELECT id FROM break_glass ORDER BY stored_at DESC, id LIMIT ?');
const listOpen = statement<BreakGlassRow>(
  'SELECT * FROM break_glass WHERE ended_at IS NULL AND until > ? ORDER BY stored_at DESC, id',
);
const listUntold = statement<BreakGlassRow>(
  'SELECT * FROM break_glass WHERE ended_at IS NULL AND end_told_at IS NULL ORDER BY until, id',
);
const markTold = statement(
  'UPDATE break_glass SET end_told_at = ? WHERE id = ? AND ended_at IS NULL AND end_told_at IS NULL',
);
const find = statement<BreakGlassRow>('SELECT * FROM break_glass WHERE id = ?');
const insert = statement(
  'INSERT INTO break_glass VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL, NULL) ON CONFLICT DO NOTHING',
);
const end = statement(
  `UPDATE break_glass SET ended_at = $at, ended_by = $actor, end_reason = $reason
   WHERE id = $id AND ended_at IS NULL AND until > $at`,
);

export function openBreakGlassTable(database: Database): BreakGlassMethods {
  return {
    listBreakGlassIds: async (limit) => (await database.all(listIds, limit)).map(({ id }) => id),
    listOpenBreakGlass: async (at) => (await database.all(listOpen, at)).map(breakGlassOf),
    listUntoldBreakGlass: async () => (await database.all(listUntold)).map(breakGlassOf),
    findBreakGlass: async (id) => {
      const row = await database.get(find, id);
      return row && breakGlassOf(row);
    },
    saveBreakGlass: ({ id, envelope, until, storedAt, storedBy }, { audit, hosts }) =>
      database.transact(async (tx) => {
        if ((await tx.run(insert, id, envelope, until, storedAt, storedBy)) === 0) return false;
        await raiseTrustRevision(tx);
        return tell(tx, { audit, hosts });
      }),
    endBreakGlass: (id, { reason, audit, hosts }) =>
      database.transact(async (tx) => {
        const { at, actor } = audit;
        if ((await tx.run(end, { id, at, actor, reason })) === 0) return false;
        await raiseTrustRevision(tx);
        return tell(tx, { audit, hosts });
      }),
    tellBreakGlassEnd: (id, { audit, hosts }) =>
      database.transact(async (tx) => {
        if ((await tx.run(markTold, audit.at, id)) === 0) return false;
        return tell(tx, { audit, hosts });
      }),
  };
}

async function tell(
  tx: Transaction,
  { audit, hosts }: { readonly audit: AuditDraft; readonly hosts: readonly AuditDraft[] },
): Promise<true> {
  for (const draft of [audit, ...hosts]) await tx.audit(draft);
  return true;
}

function breakGlassOf(row: BreakGlassRow): BreakGlassRecord {
  return {
    id: row.id,
    envelope: bytesOf(row.envelope),
    until: row.until,
    storedAt: row.stored_at,
    storedBy: row.stored_by,
    ended:
      row.ended_at === null ? undefined : { at: row.ended_at, by: row.ended_by ?? '', reason: row.end_reason ?? '' },
  };
}
