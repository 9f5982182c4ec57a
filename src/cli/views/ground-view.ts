// What a status rests on beside the evidence, for people.
import type { components } from '../../api/index.ts';
import { printable, printableAgain } from '../../core/encoding/index.ts';
import type { Paper } from '../terminal.ts';

type Schemas = components['schemas'];

interface Grounds {
  readonly held?: Schemas['Held'];
  readonly breakGlass?: Schemas['BreakGlassGrant'];
}

type Fact = readonly [string, string | undefined];

/** Rows of facts: none where the evidence speaks for itself. */
export function formatGround(paper: Paper, { held, breakGlass }: Grounds, now: Date): readonly Fact[] {
  return [
    ['held', held && paper.tone('warn', `until ${held.until}: ${printableAgain(held.reason)}`)],
    ['break-glass', breakGlass && paper.tone('warn', describeGrant(breakGlass, now))],
    ['statement', breakGlass?.statement],
  ];
}

/** Behind a status in a table. */
export function nameGround({ held, breakGlass }: Grounds): string {
  if (breakGlass !== undefined) return ' (break-glass)';
  return held === undefined ? '' : ' (held)';
}

function describeGrant({ until, signers, reason, ticket }: Schemas['BreakGlassGrant'], now: Date): string {
  const who = signers.map((name) => printable(name)).join(', ');
  return `until ${until} (${describeLeft(until, now)}), by ${who}: ${printable(reason)} (${printable(ticket)})`;
}

/** `2 h 5 min left`. */
export function describeLeft(until: string, now: Date): string {
  const minutes = Math.ceil((Date.parse(until) - now.getTime()) / 60_000);
  if (!(minutes > 0)) return 'over';
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min left` : `${hours} h ${minutes % 60} min left`;
}
