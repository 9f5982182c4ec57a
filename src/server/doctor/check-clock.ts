// What the doctor says of clocks: this machine's, and that of a database, the one other clock that it can be held against.
import { statSync } from 'node:fs';
import { isoTime } from '../../core/encoding/index.ts';
import { clockToleranceMs } from '../clock.ts';
import type { Check } from './check.ts';

/** Nonces, verdicts and certificates all rest on the clock. A program cannot check it alone, but can see when it is absurd. */
export function checkClock(now: Date): Check {
  const built = statSync(import.meta.filename).mtime;
  const ok = now.getTime() > built.getTime() - 86_400_000;
  return {
    name: 'clock',
    ok,
    severity: 'error',
    message: ok ? now.toISOString() : `${now.toISOString()} is before this program was installed`,
    remedy: 'Set the clock and keep it with NTP.',
  };
}

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

/** `latest`: the time that a server of this store went by last. One that runs never goes back to an earlier one. */
export function checkServersTime(latest: number, now: Date): readonly Check[] {
  const aheadMs = latest - now.getTime();
  if (aheadMs <= clockToleranceMs) return [];
  return [
    {
      name: 'clock',
      ok: false,
      severity: 'warning',
      message: `a server of this store goes by ${isoTime(latest)}, ${Math.round(aheadMs / 1000)} s ahead of this machine: a clock was set back, or is wrong`,
      remedy:
        'Set the clock right, then start the server anew: until then it goes by the later time. docs/incident-response.md',
    },
  ];
}
