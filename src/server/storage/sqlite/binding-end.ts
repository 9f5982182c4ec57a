// The end of a binding: whatever a host could be believed by ends in the transaction that ends it.
import type { BindingEnd, HostRecord } from '../records.ts';
import { openAkCertificateTable } from './ak-certificate-table.ts';
import { queueDigest, tpmDigests } from '../tpm-digests.ts';
import { bindingOf, type HostRow } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';
import { openTokenTable } from './token-table.ts';
import { openVerdictVoiding } from './verdict-voiding.ts';

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

export function openBindingEnd(tables: Tables): Pick<SyncStore, 'endBinding'> {
  const { database, transact, audit } = tables;
  const find = database.prepare<[string], HostRow>('SELECT * FROM hosts WHERE id = ?');
  const end = database.prepare(
    `UPDATE hosts SET state = 'released', ending = $ending, replace_until = $until, boot = NULL, boot_id = NULL,
     due_at = NULL WHERE id = $id`,
  );
  const retireEk = database.prepare(
    'UPDATE endorsement_keys SET retired_at = ? WHERE ek_digest = ? AND retired_at IS NULL',
  );
  const unregister = database.prepare('DELETE FROM registered_eks WHERE ek_digest = ?');
  const dropEnrolments = database.prepare('DELETE FROM enrolments WHERE host_id = ? OR ek_digest = ?');
  const dropPending = database.prepare("DELETE FROM pending_hosts WHERE ek_digest = ? AND state <> 'rejected'");
  const dropChallenges = database.prepare('DELETE FROM challenges WHERE host_id = ?');
  const dropRests = database.prepare('DELETE FROM verdict_goldens WHERE host_id = ?');
  const voidVerdict = openVerdictVoiding(tables);
  const tokens = openTokenTable(tables);
  const certificates = openAkCertificateTable(tables);

  return {
    endBinding: (id, { kind, until, audit: draft }) =>
      transact(() => {
        const row = find.get(id);
        const state = row === undefined ? undefined : row.state === 'active' ? 'active' : (row.ending ?? 'released');
        if (row === undefined || state === undefined || !endable[kind].includes(state)) return false;
        const binding = bindingOf(id, row);
        end.run({ id, ending: kind === 'released' ? null : kind, until: until ?? null });
        if (kind !== 'released') {
          for (const digest of tpmDigests(binding)) retireEk.run(draft.at, digest);
          unregister.run(row.ek_digest.toString('hex'));
          // An appraisal that is under way must not find it registered.
          tables.raiseTrustRevision();
        }
        voidVerdict(id, { at: draft.at, code: 'HOST_RELEASED', message: messages[kind] });
        // An enrolment that was opened before must not bring back what ends here.
        dropEnrolments.run(id, row.ek_digest);
        dropPending.run(queueDigest(binding));
        dropChallenges.run(id);
        dropRests.run(id);
        tokens.revokeOfHost(id, draft.at);
        certificates.revokeOf(id, draft.at, 'cessationOfOperation');
        audit(draft);
        return true;
      }),
  };
}
