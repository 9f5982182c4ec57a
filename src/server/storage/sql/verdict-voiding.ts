// Ending a verdict before its time, inside the transaction of whatever ends it.
import { statement, type Transaction } from './sql.ts';

export interface Voiding {
  readonly at: number;
  readonly code: string;
  /** What ended it, for the sentence that denies. */
  readonly message: string;
}

const voidLast = statement(
  `UPDATE verdicts SET voided_at = $at, void_code = $code, void_message = $message
   WHERE host_id = $hostId AND sequence = (SELECT verdict_sequence FROM hosts WHERE id = $hostId)
   AND voided_at IS NULL`,
);

/** Voids the last verdict of a host; false when there is none that still could hold. */
export async function voidVerdict(tx: Transaction, hostId: string, voiding: Voiding): Promise<boolean> {
  return (await tx.run(voidLast, { hostId, ...voiding })) > 0;
}
