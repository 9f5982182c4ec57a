// Ending a verdict before its time, inside the transaction of whatever ends it.
import type { AuditDraft } from '../../records.ts';
import { auditEach } from '../database.ts';
import { inSlices } from '../pages.ts';
import { statement, statementOfHosts, type Transaction } from '../sql.ts';

export interface Voiding {
  readonly at: number;
  readonly code: string;
  /** What ended it, for the sentence that denies. */
  readonly message: string;
}

const voidLast = statement(
  `UPDATE attestations SET voided_at = $at, void_code = $code, void_message = $message
   WHERE host_id = $hostId AND sequence = (SELECT verdict_sequence FROM hosts WHERE id = $hostId)
   AND voided_at IS NULL`,
);

/** Voids the last verdict of a host; false when there is none that still could hold. */
export async function voidVerdict(tx: Transaction, hostId: string, voiding: Voiding): Promise<boolean> {
  return (await tx.run(voidLast, { hostId, ...voiding })) > 0;
}

const voidListed = statementOfHosts<{ readonly host_id: string }>(
  (listed) => `
  UPDATE attestations SET voided_at = $at, void_code = $code, void_message = $message FROM hosts
  WHERE hosts.id IN (${listed}) AND host_id = hosts.id AND sequence = hosts.verdict_sequence AND voided_at IS NULL
  RETURNING host_id`,
);

/** Voids the last verdicts of many hosts. Returns those that had one which still could hold, ascending. The process does other things
 * meanwhile. */
export async function voidVerdicts(
  tx: Transaction,
  hosts: readonly string[],
  voiding: Voiding,
): Promise<readonly string[]> {
  const voided: string[] = [];
  await inSlices(hosts, async (slice) => {
    const rows = await tx.all(voidListed, { hosts: JSON.stringify(slice), ...voiding });
    voided.push(...rows.map(({ host_id: host }) => host));
  });
  return voided.sort();
}

/** An entry for each host whose verdict was voided, in their order. The last thing of a transaction, as `Transaction.audit` is. */
export function auditVoided(
  tx: Transaction,
  hosts: readonly string[],
  entryOf: (host: string) => Pick<AuditDraft, 'at' | 'actor' | 'details'>,
): Promise<void> {
  return auditEach(tx, hosts, (host) => ({ ...entryOf(host), action: 'verdict.voided' }));
}
