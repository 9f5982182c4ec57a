// Hosts, and the bindings that make them.
import type { VerdictRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { revokeAkCertificates } from './ak-certificate-table.ts';
import { raiseLabelRevision } from '../database.ts';
import { isBehind } from './host-row.ts';
import { isSetAside, openHostReading, readHostWithQuarantines, statementWithQuarantines } from './quarantine-table.ts';
import { listRow, verdictOf, type HostRow, type VerdictRow } from '../rows.ts';
import { statement, type Database } from '../sql.ts';

/** A host beside its last verdict, if it has one. */
interface ListedRow extends HostRow, Omit<VerdictRow, 'document' | 'epoch'> {
  readonly document: string | null;
  readonly verdict_epoch: number;
}

export const findHost = statementWithQuarantines<HostRow>(
  (quarantines) => `SELECT hosts.*, ${quarantines} FROM hosts WHERE id = ?`,
);
const verdictColumns = `attestations.host_id, sequence, attestations.epoch AS verdict_epoch, document, issued_at, expires_at,
     voided_at, void_code, void_message`;
const hostsAndVerdicts = 'hosts LEFT JOIN attestations ON attestations.host_id = id AND sequence = verdict_sequence';
export const findStanding = statementWithQuarantines<ListedRow>(
  (quarantines) => `SELECT hosts.*, ${verdictColumns}, ${quarantines} FROM ${hostsAndVerdicts} WHERE id = ?`,
);
const listed = `SELECT hosts.*, ${verdictColumns} FROM ${hostsAndVerdicts}`;
const list = statement<ListedRow>(
  `${listed} AND ${isBehind('attestations')} WHERE id > $after ORDER BY id LIMIT $limit`,
);
/** Who had the TPM first has it for ever, or nobody; a host may have another by now. */
const listOwner = statement<ListedRow>(
  `${listed} WHERE id = (SELECT endorsement_keys.host_id FROM endorsement_keys WHERE endorsement_keys.ek_digest = ?)
   AND hosts.ek_digest = ? AND id > ? LIMIT ?`,
);

export function openHostTable(database: Database): Pick<Store, 'findHost' | 'findStanding' | 'listHosts'> {
  return {
    findHost: (id) =>
      database.recall({ host: id, name: 'host' }, async () => {
        const row = await database.get(findHost, id);
        return row && readHostWithQuarantines(row);
      }),
    findStanding: (id) =>
      database.recall({ host: id, name: 'standing' }, async () => {
        const row = await database.get(findStanding, id);
        return row && { host: readHostWithQuarantines(row), verdict: verdictBeside(row) };
      }),
    listHosts: async ({ after = '', limit, ekDigest }) => {
      const rows =
        ekDigest === undefined
          ? await database.all(list, { after, limit })
          : await database.all(listOwner, ekDigest, ekDigest, after, limit);
      const readHost = await openHostReading(database);
      return rows.map((row) => listRow(row.id, () => ({ host: readHost(row), verdict: verdictBeside(row) })));
    },
  };
}

function verdictBeside(row: ListedRow): VerdictRecord | undefined {
  const { document, verdict_epoch: epoch } = row;
  return document === null ? undefined : verdictOf({ ...row, document, epoch });
}

const labelsOf = statement<{ readonly labels: string }>('SELECT labels FROM hosts WHERE id = ?');
const setLabels = statement('UPDATE hosts SET labels = ? WHERE id = ?');

export function openHostLabels(database: Database): Pick<Store, 'setHostLabels'> {
  return {
    setHostLabels: (id, labels, draft) =>
      database.transact(async (tx) => {
        const before = (await tx.get(labelsOf, id))?.labels;
        if (before === undefined) return false;
        await tx.run(setLabels, JSON.stringify(labels), id);
        await raiseLabelRevision(tx);
        // The new labels may be those of a quarantine.
        if (await isSetAside(tx, id, draft.at)) await revokeAkCertificates(tx, [id], draft.at, 'privilegeWithdrawn');
        await tx.audit({ ...draft, details: { ...draft.details, before } });
        return true;
      }),
  };
}
