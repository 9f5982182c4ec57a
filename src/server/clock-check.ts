// What the doctor says of the clock of a database: the one other clock that a server's can be held against.
import type { Check } from './shortcomings.ts';

/** Smaller differences come of the way there and back, and harm nothing. */
const toleratedMs = 5000;

/** Nothing where they agree. Which of the two is wrong, nobody can tell from here. */
export function checkDatabaseClock(aheadMs: number): readonly Check[] {
  if (Math.abs(aheadMs) <= toleratedMs) return [];
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const side = aheadMs > 0 ? 'ahead of' : 'behind';
  return [
    {
      name: 'clock',
      ok: false,
      severity: 'warning',
      message: `the clock of PostgreSQL is ${seconds} s ${side} the one of this machine: one of them is wrong`,
      remedy:
        'Keep all of them with NTP. Servers that share a database date verdicts by their own clock, and judge those of the others by it: docs/incident-response.md.',
    },
  ];
}
