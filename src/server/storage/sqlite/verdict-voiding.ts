// Ending a verdict before its time, inside the transaction of whatever ends it.
import type { Tables } from './tables.ts';

export interface Voiding {
  readonly at: number;
  readonly code: string;
  /** What ended it, for the sentence that denies. */
  readonly message: string;
}

/** Voids the last verdict of a host; false when there is none that still could hold. */
export function openVerdictVoiding({ database }: Tables): (hostId: string, voiding: Voiding) => boolean {
  const voidLast = database.prepare(
    `UPDATE verdicts SET voided_at = $at, void_code = $code, void_message = $message
     WHERE host_id = $hostId AND sequence = (SELECT verdict_sequence FROM hosts WHERE id = verdicts.host_id)
     AND voided_at IS NULL`,
  );
  return (hostId, voiding) => voidLast.run({ hostId, ...voiding }).changes > 0;
}
