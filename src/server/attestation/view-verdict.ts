// What is believed of a host, with everything that may stand in for its evidence. Every answer about a host comes from here.
import { isDeepStrictEqual } from 'node:util';
import type { Verdict } from '../../core/verdict/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { isTrusted } from '../lockout/last-good.ts';
import { readStored, type KnownStanding } from '../outage/trust-reads.ts';
import { soon, type Soon } from '../soon.ts';
import type { HostRecord, VerdictRecord } from '../storage/index.ts';
import { holdVerdict, type Grant, type HeldVerdict, type Hold } from './host-verdict.ts';

type Context = Pick<ServerContext, 'lockout' | 'breakGlass'>;
type ReadingContext = Context & Pick<ServerContext, 'reads' | 'trust' | 'now'>;

/** @throws ServerError HOST_NOT_FOUND */
export function readHostVerdict(
  { store, ...context }: Context & Pick<ServerContext, 'store' | 'trust' | 'now'>,
  hostId: string,
): Soon<HeldVerdict> {
  return viewHostVerdict({ ...context, reads: readStored(store) }, hostId);
}

/** As `readHostVerdict`, and from memory while the database is away.
 * @throws ServerError HOST_NOT_FOUND */
export function viewHostVerdict(context: ReadingContext, hostId: string): Soon<HeldVerdict> {
  return soon(context.reads.findStanding(hostId), (standing) => {
    if (standing === undefined) throw new ServerError('HOST_NOT_FOUND', `no host ${hostId}`);
    return soon(openView(context, standing), ({ hold }) => hold(context.now()));
  });
}

/** A host, and what is believed of it at any moment from now on, as far as it is known now: for answers about many as of one moment. */
export interface View {
  readonly host: HostRecord;
  readonly hold: (at: Date) => HeldVerdict;
}

/** Of what was read, or of what is read anew because something may stand in for its verdict. */
export function openView(context: ReadingContext, standing: KnownStanding): Soon<View> {
  const { host, verdict, remembered } = standing;
  // Nobody can say whether a hold or a grant has been ended meanwhile: from memory nothing is held or granted.
  if (remembered !== undefined) return viewOf(standing);
  return soon(findGround(context, host, verdict, context.now), (ground) =>
    ground === undefined ? viewOf(standing) : confirm(context, standing, ground),
  );
}

/** Each look needs that trust stays as it is for some milliseconds. */
const mostLooks = 3;

/** A ground is looked for after host, quarantines and verdict were read: it may have come after a quarantine that they do not tell of.
 * So they are read once more, and the ground behind them: one that was there before and after, while what trust rests on did not change,
 * was there at that moment. Else there is none. docs/decisions/0045 */
async function confirm(context: ReadingContext, first: KnownStanding, found: Ground): Promise<View> {
  const revisionNow = async () => (await context.trust.current()).revision;
  let [ground, revision, standing] = [found, await revisionNow(), first];
  for (let look = 0; look < mostLooks; look += 1) {
    const next = await context.reads.findStanding(standing.host.hostId);
    // Of one that is not there any more nothing more can be known: it stays refused.
    if (next === undefined) return viewOf(standing);
    standing = next;
    if (standing.remembered !== undefined) return viewOf(standing);
    const again = await findGround(context, standing.host, standing.verdict, context.now);
    if (again === undefined) return viewOf(standing);
    const [before, revisionBefore] = [ground, revision];
    [ground, revision] = [again, await revisionNow()];
    if (revision === revisionBefore && isDeepStrictEqual(ground, before)) return viewOf(standing, ground);
  }
  return viewOf(standing);
}

function viewOf({ host, verdict, remembered }: KnownStanding, ground?: Ground): View {
  const hold = (at: Date): HeldVerdict => relyOn(holdVerdict(host, verdict, at), ground, at);
  return { host, hold: remembered === undefined ? hold : (at) => ({ ...hold(at), remembered }) };
}

/** Of one of many, and of what may be of two moments: for what decides nothing. */
export async function viewVerdict(
  context: Context,
  host: HostRecord,
  record: VerdictRecord | undefined,
  at: Date,
): Promise<HeldVerdict> {
  return relyOn(holdVerdict(host, record, at), await findGround(context, host, record, () => at), at);
}

/** Why the status may be better than that of the verdict. */
export type Ground = { readonly grant: Grant } | { readonly hold: Hold };

/** Who is trusted needs none, and nobody is asked for one. */
function findGround(
  context: Context,
  host: HostRecord,
  record: VerdictRecord | undefined,
  now: () => Date,
): Soon<Ground | undefined> {
  if (record === undefined || isTrusted(record.verdict.status)) return undefined;
  const at = now();
  if (holdVerdict(host, record, at).reasons.length > 0) return undefined;
  return askGround(context, host, { verdict: record.verdict, at }, () => context.lockout.find(host, record, at));
}

/** What operators signed for the host comes before what is held for the whole fleet. */
async function askGround(
  { breakGlass }: Context,
  host: HostRecord,
  { verdict, at }: Refusing,
  findHold: () => Promise<Hold | undefined>,
): Promise<Ground | undefined> {
  const grant = await breakGlass.find(host, verdict, at);
  if (grant !== undefined) return { grant };
  const hold = await findHold();
  return hold && { hold };
}

/** A verdict that does not trust, at a moment. */
interface Refusing {
  readonly verdict: Verdict;
  readonly at: Date;
}

/** The same of a verdict that is about to be recorded. */
export function foreseeGround(
  context: Context,
  host: HostRecord,
  next: { readonly verdict: Verdict; readonly at: Date },
): Promise<Ground | undefined> | undefined {
  const { verdict } = next;
  if (isTrusted(verdict.status)) return undefined;
  return askGround(context, host, next, () => context.lockout.foresee(host, verdict));
}

/** A ground ends by its time, and with the verdict, also between reading and answering. */
function relyOn(held: HeldVerdict, ground: Ground | undefined, at: Date): HeldVerdict {
  if (ground === undefined || held.reasons.length > 0) return held;
  const { status, until } = 'grant' in ground ? ground.grant : ground.hold;
  return at < until ? { ...held, status, ...ground } : held;
}
