// Claims that were refused: counted, told again only after a while, and no more than so many of them in that while, whatever names are
// made up for them. So nobody can fill the audit log with them.
import type { IdentityConflict } from '../../records.ts';
import type { Store } from '../../store.ts';
import { bytesOf, type CountRow } from '../rows.ts';
import { statement, type Database } from '../sql.ts';

interface ConflictRow {
  readonly host_id: string;
  readonly ek_digest: Buffer;
  readonly code: string;
  readonly actor: string;
  readonly first_at: number;
  readonly last_at: number;
  readonly told_at: number;
  readonly count: number;
}

const find = statement<ConflictRow>(
  'SELECT * FROM identity_conflicts WHERE host_id = ? AND ek_digest = ? AND code = ?',
);
const list = statement<ConflictRow>(
  `SELECT * FROM identity_conflicts WHERE code <> 'ENROLLMENT_TOKEN_SPENT' ORDER BY last_at DESC, host_id, code, ek_digest`,
);
const countTold = statement<CountRow>('SELECT count(*) AS count FROM identity_conflicts WHERE told_at > ?');
const write = statement(
  `INSERT INTO identity_conflicts VALUES ($hostId, $ekDigest, $code, $actor, $at, $at, $toldAt, 1)
   ON CONFLICT (host_id, ek_digest, code) DO UPDATE SET actor = $actor, last_at = $at, told_at = $toldAt,
   count = identity_conflicts.count + 1`,
);
// Those that were told lately stay: by them is known how many that were.
const trim = statement(
  `DELETE FROM identity_conflicts WHERE (host_id, ek_digest, code) NOT IN
   (SELECT host_id, ek_digest, code FROM identity_conflicts ORDER BY told_at > $quietSince DESC, last_at DESC LIMIT $maximum)`,
);

/** Before any time. */
const neverTold = Number.MIN_SAFE_INTEGER;

export function openConflictTable(database: Database): Pick<Store, 'recordConflict' | 'listConflicts'> {
  return {
    recordConflict: ({ hostId, ekDigest, code }, { quietMs, mostTold, maximum, audit: draft }) =>
      database.transact(async (tx) => {
        const { at, actor } = draft;
        const before = await tx.get(find, hostId, ekDigest, code);
        const quietSince = at - quietMs;
        const isTold = before !== undefined && before.told_at > quietSince;
        const isQuiet = isTold || ((await tx.get(countTold, quietSince))?.count ?? 0) >= mostTold;
        const toldAt = isQuiet ? (before?.told_at ?? neverTold) : at;
        await tx.run(write, { hostId, ekDigest, code, actor, at, toldAt });
        if (before === undefined) await tx.run(trim, { quietSince, maximum });
        if (!isQuiet) await tx.audit({ ...draft, details: { ...draft.details, count: (before?.count ?? 0) + 1 } });
      }),
    listConflicts: async () => (await database.all(list)).map(conflictOf),
  };
}

function conflictOf(row: ConflictRow): IdentityConflict {
  return {
    hostId: row.host_id,
    ekDigest: bytesOf(row.ek_digest),
    code: row.code,
    actor: row.actor,
    firstAt: row.first_at,
    lastAt: row.last_at,
    count: row.count,
  };
}
