// Whether somebody may vouch for a TPM, and what ends with the trust in whoever did.
import type { AuditDraft, Endorser } from '../../records.ts';
import { revokeAkCertificates } from '../hosts/ak-certificate-table.ts';
import { raiseTrustRevision } from '../database.ts';
import { inSlices } from '../pages.ts';
import { statement, statementOfHosts, type Transaction } from '../sql.ts';
import { auditVoided, voidVerdicts } from '../attestations/verdict-voiding.ts';

const standing = statement(
  `SELECT 1 FROM anchors WHERE id = $id AND withdrawn_at IS NULL AND staged = 0
   UNION ALL SELECT 1 FROM registered_eks WHERE ek_digest = $id`,
);

/** Whether an endorser that was found a moment ago may still vouch; inside the transaction that relies on it. */
export async function isStanding(tx: Transaction, { id }: Endorser): Promise<boolean> {
  return (await tx.get(standing, { id })) !== undefined;
}

const registered = statement('SELECT 1 FROM registered_eks WHERE ek_digest = ?');

/** Whether an operator registered the endorsement key of this digest, in hexadecimal. */
export async function isRegistered(tx: Transaction, ekDigest: string): Promise<boolean> {
  return (await tx.get(registered, ekDigest)) !== undefined;
}

// Of which each time the ones before are gone: all of them at once would be one turn.
const endorsed = statement<{ readonly id: string }>('SELECT id FROM hosts WHERE endorser_id = ? LIMIT 1000');
const clear = statementOfHosts(
  (listed) => `UPDATE hosts SET endorser_id = NULL, endorser = NULL WHERE id IN (${listed})`,
);
const code = 'ENDORSEMENT_WITHDRAWN';
const message = 'whoever vouched for the TPM was withdrawn';

/** Ends everything an endorser vouched for: its hosts have nobody now, and their verdicts are void. Returns how many.
 * @throws as `raiseTrustRevision`, where the fleet has another revision than the one that it was weighed under */
export async function endEndorsements(
  tx: Transaction,
  endorserId: string,
  draft: AuditDraft,
  revision?: number,
): Promise<number> {
  const { at, actor } = draft;
  const ids = await clearEndorsed(tx, endorserId);
  await revokeAkCertificates(tx, ids, at, 'privilegeWithdrawn');
  // An appraisal that is under way must not end with the old endorsement.
  await raiseTrustRevision(tx, revision);
  const voided = await voidVerdicts(tx, ids, { at, code, message });
  await tx.audit({ ...draft, details: { ...draft.details, hosts: ids.length } });
  await auditVoided(tx, voided, () => ({ at, actor, details: { code, endorser: endorserId } }));
  return ids.length;
}

/** Takes from these hosts whoever vouches for them. */
export async function clearEndorsers(tx: Transaction, hosts: readonly string[]): Promise<void> {
  await inSlices(hosts, async (slice) => {
    await tx.run(clear, { hosts: JSON.stringify(slice) });
  });
}

/** Takes the endorser from its hosts, and returns those in order of their ids. */
async function clearEndorsed(tx: Transaction, endorserId: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = (await tx.all(endorsed, endorserId)).map(({ id }) => id);
    if (page.length === 0) return ids.sort();
    await clearEndorsers(tx, page);
    ids.push(...page);
    await new Promise(setImmediate);
  }
}
