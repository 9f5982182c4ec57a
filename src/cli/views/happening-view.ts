// What happened, as a row for people: an event, or an entry of the audit log.
import { printable, printableAgain } from '../../core/encoding/index.ts';
import { actorText, claimantText } from './actor-text.ts';

/** By name. */
export type Facts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface Happening {
  /** Its place in the audit log. */
  readonly place: string;
  readonly time: string;
  readonly kind: string;
  readonly about: string;
  readonly actor: string;
  readonly facts: Facts;
}

/** The title of `place` is the caller's: a cursor, or an entry. */
export const happeningTitles = ['time', 'kind', 'about', 'by', 'data'] as const;

const longestFacts = 400;

/** What is done by whoever is not enrolled by it. */
const claims = new Set(['identity.conflict', 'enrolment.refused', 'host.pending']);

/** Of an action by a host about itself the name is not said twice. */
export function happeningCells(
  { place, time, kind, about, actor, facts }: Happening,
  names: Readonly<Record<string, string>> = {},
): string[] {
  const who = whoseText({ kind, about, actor }, names[actor]);
  // Why comes first, whatever else there is to tell.
  const { reason, ...others } = facts;
  const told = Object.entries({ ...(reason === undefined ? {} : { reason }), ...others }).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${String(value)}`],
  );
  return [place, time, kind, printable(about), who, printableAgain(told.join(' '), longestFacts)];
}

function whoseText(
  { kind, about, actor }: Pick<Happening, 'kind' | 'about' | 'actor'>,
  name: string | undefined,
): string {
  if (claims.has(kind)) return claimantText(actor, name, about);
  return actor === `host ${about}` ? 'itself' : actorText(actor, name);
}
