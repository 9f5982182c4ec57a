// Revocation lists: the newest one of each issuer, and what it ends.
import type { RevocationListRecord } from '../../records.ts';
import type { RevocationJudgement, Store } from '../../store.ts';
import { revokeAkCertificates } from '../hosts/ak-certificate-table.ts';
import { clearEndorsers } from './endorsement.ts';
import { isActive } from '../hosts/host-row.ts';
import { changeTrust, raiseTrustRevision } from '../database.ts';
import { readAll } from '../pages.ts';
import { bytesOf } from '../rows.ts';
import { statement, type Database, type Transaction } from '../sql.ts';
import { auditVoided, voidVerdicts } from '../attestations/verdict-voiding.ts';

interface RevocationListRow {
  readonly id: string;
  readonly issuer: Buffer;
  readonly list: Buffer;
  readonly this_update: number;
  readonly url: string | null;
  readonly stored_at: number;
}

interface EndorsedRow {
  readonly id: string;
  readonly epoch: number;
  readonly enrolled_at: number;
  readonly endorser_id: string;
}

const list = statement<RevocationListRow>('SELECT * FROM revocation_lists ORDER BY id');
const save = statement(
  `INSERT INTO revocation_lists VALUES (?, ?, ?, ?, ?, ?)
   ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, list = excluded.list, this_update = excluded.this_update,
   url = excluded.url, stored_at = excluded.stored_at WHERE excluded.this_update >= revocation_lists.this_update`,
);
const fetched = statement('SELECT 1 FROM revocation_lists WHERE id = ? AND url = ?');
const remove = statement('DELETE FROM revocation_lists WHERE id = ? AND this_update = ?');
const standing = statement<EndorsedRow>(
  `SELECT id, epoch, enrolled_at, endorser_id FROM hosts WHERE ${isActive} AND endorser_id IS NOT NULL AND id > ?
   ORDER BY id LIMIT ?`,
);
const code = 'ENDORSEMENT_REVOKED';
const message = 'a certificate that vouched for the TPM was revoked';

type RevocationMethods = Pick<Store, 'listRevocationLists' | 'saveRevocationList' | 'removeRevocationList'>;

export function openRevocationTable(database: Database): RevocationMethods {
  return {
    listRevocationLists: async () => (await database.all(list)).map(listOf),
    saveRevocationList: ({ id, issuer, list: der, thisUpdate, url, storedAt }, { judgement, renews, audit: draft }) =>
      database.transactFleet(async (tx) => {
        // Removed while the next one was fetched, or fetched no more.
        if (renews && (await tx.get(fetched, id, url ?? null)) === undefined) return 'gone';
        const { revoked, unjudged } = judgement === undefined ? nobody : await holdAgainst(tx, judgement);
        if (unjudged.length > 0 && judgement?.endUnjudged !== true) return { unjudged };
        if ((await tx.run(save, id, issuer, der, thisUpdate, url ?? null, storedAt)) === 0) return 'older';
        // An appraisal that is under way must not end without it.
        await raiseTrustRevision(tx);
        const ended = [...revoked, ...unjudged].sort();
        await clearEndorsers(tx, ended);
        const { at, actor } = draft;
        await revokeAkCertificates(tx, ended, at, 'privilegeWithdrawn');
        const voided = await voidVerdicts(tx, ended, { at, code, message });
        await tx.audit({ ...draft, details: { ...draft.details, hosts: ended.length } });
        await auditVoided(tx, voided, () => ({ at, actor, details: { code, revocationList: id } }));
        return { hosts: ended.length };
      }),
    removeRevocationList: ({ id, thisUpdate }, { revision, audit: draft }) =>
      database.transact(async (tx) => {
        if ((await tx.run(remove, id, thisUpdate)) === 0) return 'other';
        await changeTrust(tx, draft, revision);
        return 'removed';
      }),
  };
}

interface Held {
  readonly revoked: readonly string[];
  readonly unjudged: readonly string[];
}

const nobody: Held = { revoked: [], unjudged: [] };

/** The hosts that somebody vouches for now, held against what was found out of them: none of them may have come in between. */
async function holdAgainst(tx: Transaction, { judged, revoked }: RevocationJudgement): Promise<Held> {
  const rows = await readAll((after, limit) => tx.all(standing, after, limit));
  const isJudged = ({ id, epoch, enrolled_at: enrolledAt, endorser_id: endorser }: EndorsedRow): boolean => {
    const known = judged.get(id);
    return known?.epoch === epoch && known.enrolledAt === enrolledAt && known.endorser === endorser;
  };
  return {
    revoked: rows.filter((row) => isJudged(row) && revoked.has(row.id)).map(({ id }) => id),
    unjudged: rows.filter((row) => !isJudged(row)).map(({ id }) => id),
  };
}

function listOf(row: RevocationListRow): RevocationListRecord {
  return {
    id: row.id,
    issuer: bytesOf(row.issuer),
    list: bytesOf(row.list),
    thisUpdate: row.this_update,
    url: row.url ?? undefined,
    storedAt: row.stored_at,
  };
}
