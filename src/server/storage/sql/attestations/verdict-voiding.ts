// Ending a verdict before its time, inside the transaction of whatever ends it.
import type { AuditDraft } from '../../records.ts';
import { statement, type Transaction } from '../sql.ts';

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

const voidMany = (listed: string) => `
  UPDATE attestations SET voided_at = $at, void_code = $code, void_message = $message FROM hosts
  WHERE hosts.id IN (${listed}) AND host_id = hosts.id AND sequence = hosts.verdict_sequence AND voided_at IS NULL
  RETURNING host_id`;
const voidListed = statement<{ readonly host_id: string }>({
  sqlite: voidMany('SELECT value FROM json_each($hosts)'),
  postgres: voidMany('SELECT json_array_elements_text(CAST($hosts AS json))'),
});

/** So many at once: a few milliseconds, and a message of some kilobytes. */
const together = 100;

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
export async function auditVoided(
  tx: Transaction,
  hosts: readonly string[],
  entryOf: (host: string) => Pick<AuditDraft, 'at' | 'actor' | 'details'>,
): Promise<void> {
  await inSlices(hosts, async (slice) => {
    const entries = slice.map((subject) => ({ ...entryOf(subject), action: 'verdict.voided', subject }));
    // Each is sent before any is answered.
    await Promise.all(entries.map((entry) => tx.audit(entry)));
  });
}

async function inSlices(hosts: readonly string[], work: (slice: readonly string[]) => Promise<void>): Promise<void> {
  for (let first = 0; first < hosts.length; first += together) {
    await work(hosts.slice(first, first + together));
    await new Promise(setImmediate);
  }
}
