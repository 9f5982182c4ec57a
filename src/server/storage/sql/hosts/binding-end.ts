// The end of a binding: whatever a host could be believed by ends in the transaction that ends it.
import type { BindingEnd, HostRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { queueDigest, tpmDigests } from '../../tpm-digests.ts';
import { revokeAkCertificates } from './ak-certificate-table.ts';
import { raiseTrustRevision } from '../database.ts';
import { findHostRow } from './host-row.ts';
import { repairRow } from './repair.ts';
import { bindingOf, readRow, stateOf } from '../rows.ts';
import { statement, type Database } from '../sql.ts';
import { dropTokensOfHost } from './token-table.ts';
import { voidVerdict } from '../attestations/verdict-voiding.ts';

/** From which states a binding can be ended how. A TPM that is expected may be expected longer, or no more. */
const endable: Readonly<Record<BindingEnd['kind'], readonly HostRecord['state'][]>> = {
  released: ['active'],
  replacing: ['active', 'released', 'replacing'],
  retired: ['active', 'released', 'replacing'],
};

const messages: Readonly<Record<BindingEnd['kind'], string>> = {
  released: 'an operator released the host',
  replacing: 'an operator had the TPM of the host replaced',
  retired: 'an operator retired the host',
};

const end = statement(
  `UPDATE hosts SET state = 'released', ending = $ending, replace_until = $until, boot = NULL, boot_id = NULL,
   due_at = NULL WHERE id = $id`,
);
const retireEk = statement('UPDATE endorsement_keys SET retired_at = ? WHERE ek_digest = ? AND retired_at IS NULL');
const unregister = statement('DELETE FROM registered_eks WHERE ek_digest = ?');
const dropEnrolments = statement('DELETE FROM enrolments WHERE host_id = ? OR ek_digest = ?');
const dropPending = statement("DELETE FROM pending_hosts WHERE ek_digest = ? AND state <> 'rejected'");
const dropChallenges = statement('DELETE FROM challenges WHERE host_id = ?');
const dropRests = statement('DELETE FROM verdict_goldens WHERE host_id = ?');

export function openBindingEnd(database: Database): Pick<Store, 'endBinding'> {
  return {
    endBinding: (id, { kind, until, audit: draft }) =>
      database.transact(async (tx) => {
        const found = await findHostRow(tx, id);
        if (found === undefined || !endable[kind].includes(stateOf(found))) return false;
        const row = kind === 'released' ? await repairRow(tx, found) : found;
        const binding = readRow(id, () => bindingOf(id, row));
        await tx.run(end, { id, ending: kind === 'released' ? null : kind, until: until ?? null });
        if (kind !== 'released') {
          for (const digest of tpmDigests(binding)) await tx.run(retireEk, draft.at, digest);
          await tx.run(unregister, row.ek_digest.toString('hex'));
          // An appraisal that is under way must not find it registered.
          await raiseTrustRevision(tx);
        }
        await voidVerdict(tx, id, { at: draft.at, code: 'HOST_RELEASED', message: messages[kind] });
        // An enrolment that was opened before must not bring back what ends here.
        await tx.run(dropEnrolments, id, row.ek_digest);
        await tx.run(dropPending, queueDigest(binding));
        await tx.run(dropChallenges, id);
        await tx.run(dropRests, id);
        await dropTokensOfHost(tx, id);
        await revokeAkCertificates(tx, [id], draft.at, 'cessationOfOperation');
        await tx.audit({ ...draft, details: { ...draft.details, ek: row.ek_digest.toString('hex') } });
        return true;
      }),
  };
}
