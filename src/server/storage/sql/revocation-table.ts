// Revocation lists: the newest one of each issuer, and what it ends.
import type { RevocationListRecord } from '../records.ts';
import type { Store } from '../store.ts';
import { revokeAkCertificates } from './ak-certificate-table.ts';
import { raiseTrustRevision } from './database.ts';
import { bytesOf } from './rows.ts';
import { statement, type Database } from './sql.ts';
import { auditVoided, voidVerdicts } from './verdict-voiding.ts';

interface RevocationListRow {
  readonly id: string;
  readonly issuer: Buffer;
  readonly list: Buffer;
  readonly this_update: number;
  readonly url: string | null;
  readonly stored_at: number;
}

const list = statement<RevocationListRow>('SELECT * FROM revocation_lists ORDER BY id');
const save = statement(
  `INSERT INTO revocation_lists VALUES (?, ?, ?, ?, ?, ?)
   ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, list = excluded.list, this_update = excluded.this_update,
   url = excluded.url, stored_at = excluded.stored_at WHERE excluded.this_update >= revocation_lists.this_update`,
);
const clear = statement('UPDATE hosts SET endorser_id = NULL, endorser = NULL WHERE id = ? AND endorser_id = ?');
const code = 'ENDORSEMENT_REVOKED';
const message = 'a certificate that vouched for the TPM was revoked';

export function openRevocationTable(database: Database): Pick<Store, 'listRevocationLists' | 'saveRevocationList'> {
  return {
    listRevocationLists: async () => (await database.all(list)).map(listOf),
    saveRevocationList: ({ id, issuer, list: der, thisUpdate, url, storedAt }, { revoked, audit: draft }) =>
      database.transactFleet(async (tx) => {
        if ((await tx.run(save, id, issuer, der, thisUpdate, url ?? null, storedAt)) === 0) return 'older';
        // An appraisal that is under way must not end without it.
        await raiseTrustRevision(tx);
        const ended: string[] = [];
        for (const { hostId, endorser } of revoked) if ((await tx.run(clear, hostId, endorser)) > 0) ended.push(hostId);
        const { at, actor } = draft;
        for (const subject of ended) await revokeAkCertificates(tx, subject, at, 'privilegeWithdrawn');
        const voided = await voidVerdicts(tx, ended, { at, code, message });
        await tx.audit({ ...draft, details: { ...draft.details, hosts: ended.length } });
        await auditVoided(tx, voided, () => ({ at, actor, details: { code, revocationList: id } }));
        return { hosts: ended.length };
      }),
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
