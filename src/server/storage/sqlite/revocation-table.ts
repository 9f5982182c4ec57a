// Revocation lists: the newest one of each issuer, and what it ends.
import { openAkCertificateTable } from './ak-certificate-table.ts';
import type { RevocationListRecord } from '../records.ts';
import { bytesOf } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';
import { openVerdictVoiding } from './verdict-voiding.ts';

interface RevocationListRow {
  readonly id: string;
  readonly issuer: Buffer;
  readonly list: Buffer;
  readonly this_update: number;
  readonly url: string | null;
  readonly stored_at: number;
}

const voidCode = 'ENDORSEMENT_REVOKED';
const voidMessage = 'a certificate that vouched for the TPM was revoked';

export function openRevocationTable(tables: Tables): Pick<SyncStore, 'listRevocationLists' | 'saveRevocationList'> {
  const { database, transact, audit } = tables;
  const list = database.prepare<[], RevocationListRow>('SELECT * FROM revocation_lists ORDER BY id');
  const save = database.prepare(
    `INSERT INTO revocation_lists VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, list = excluded.list, this_update = excluded.this_update,
     url = excluded.url, stored_at = excluded.stored_at WHERE excluded.this_update >= this_update`,
  );
  const clear = database.prepare<[string, string]>(
    'UPDATE hosts SET endorser_id = NULL, endorser = NULL WHERE id = ? AND endorser_id = ?',
  );
  const voidVerdict = openVerdictVoiding(tables);
  const certificates = openAkCertificateTable(tables);
  return {
    listRevocationLists: () => list.all().map(listOf),
    saveRevocationList: ({ id, issuer, list: der, thisUpdate, url, storedAt }, { revoked, audit: draft }) =>
      transact(() => {
        if (save.run(id, issuer, der, thisUpdate, url ?? null, storedAt).changes === 0) return 'older';
        // An appraisal that is under way must not end without it.
        tables.raiseTrustRevision();
        const ended = revoked.filter(({ hostId, endorser }) => clear.run(hostId, endorser).changes > 0);
        audit({ ...draft, details: { ...draft.details, hosts: ended.length } });
        const { at, actor } = draft;
        for (const { hostId } of ended) {
          certificates.revokeOf(hostId, at, 'privilegeWithdrawn');
          if (!voidVerdict(hostId, { at, code: voidCode, message: voidMessage })) continue;
          const details = { code: voidCode, revocationList: id };
          audit({ at, actor, action: 'verdict.voided', subject: hostId, details });
        }
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
