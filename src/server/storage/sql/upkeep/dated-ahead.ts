// What a clock that was ahead leaves in the tables beside verdicts: it would be waited for, be in force or keep others out until its time
// comes. `$bound`: nothing is dated later by a clock that is right. `$at`: now.
import { statement, type Transaction } from '../sql.ts';

/** Far enough behind that none that is under way is longer under way. */
const hourMs = 3_600_000;

const earlier = (column: string): string => `${column} = CASE WHEN ${column} > $at THEN $at ELSE ${column} END`;

const setRight = [
  'DELETE FROM challenges WHERE drawn_at > $bound',
  'DELETE FROM lockout_flips WHERE lost_at > $bound',
  // Unanswered ones would keep their places.
  `DELETE FROM enrolments WHERE expires_at - ${hourMs} > $bound`,
  // Whoever looks next ends them, and writes of it: an approval would be good for longer than anybody gave it. What was rejected stays so.
  `UPDATE pending_hosts SET expires_at = $at WHERE state <> 'rejected' AND (asked_at > $bound OR decided_at > $bound)`,
  // A stage lasts as long as it shall from now on.
  'UPDATE rollouts SET stage_opened_at = $at WHERE stage_opened_at > $bound',
  // Nobody would be told of a claim on the same identity, nor of any where many were told.
  `UPDATE identity_conflicts SET told_at = 0, ${earlier('first_at')}, last_at = $at WHERE last_at > $bound`,
  'UPDATE intermediate_sources SET asked_at = NULL WHERE asked_at > $bound',
  `UPDATE missing_intermediates SET ${earlier('first_at')}, last_at = $at WHERE last_at > $bound`,
  // Whose end was told too early is in force again, and its end is told when it comes.
  'UPDATE quarantines SET end_told_at = NULL WHERE end_told_at > $bound AND until > $at',
  'UPDATE break_glass SET end_told_at = NULL WHERE end_told_at > $bound AND until > $at',
  'UPDATE deliveries SET failing_since = $at WHERE failing_since > $bound',
].map((text) => statement(text));

export async function setDatesRight(
  tx: Transaction,
  times: { readonly bound: number; readonly at: number },
): Promise<void> {
  for (const one of setRight) await tx.run(one, times);
}
