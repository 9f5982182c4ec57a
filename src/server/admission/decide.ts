// May this workload run on this host, now? Deny unless every demand is met by a verdict that holds.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HeldVerdict } from '../attestation/host-verdict.ts';
import { openView, type View } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import { createPause } from '../fleet/walk-fleet.ts';
import { once } from '../once.ts';
import { databaseAway, isUnreachable } from '../outage/database-away.ts';
import { isDamage } from '../storage/index.ts';
import { findPlacementReasons, findTrustReasons, type Demands } from './demands.ts';
import { reasonOf, type DenialReason } from './reasons.ts';

export interface Question {
  readonly hostId: string;
  readonly workload: string | undefined;
  readonly demands: Demands;
}

export interface Decision {
  readonly allow: boolean;
  readonly hostId: string;
  readonly workload: string | undefined;
  /** Empty exactly when `allow`. */
  readonly reasons: readonly DenialReason[];
  readonly held: HeldVerdict | undefined;
  readonly decidedAt: Date;
  readonly validUntil: Date;
}

type Context = Pick<ServerContext, 'reads' | 'config' | 'lockout' | 'breakGlass' | 'trust' | 'now'>;

export async function decideAdmission(context: Context, question: Question): Promise<Decision> {
  const decidedAt = context.now();
  const known = await readHost(context, question.hostId);
  return decide(context, question, known, { decidedAt, at: context.now() });
}

/** To read so many from memory, or to decide about them, takes some milliseconds, in which nobody else is answered. */
const hostsInTurn = 500;

export interface Decisions {
  readonly decidedAt: Date;
  readonly decisions: readonly (readonly Decision[])[];
}

/** Rows of questions, all answered as of one moment, before any host is read: what is said of each may be as old as that, and is relied on no
 * longer for having taken long. A host that is asked about twice is read once; the very same question gets the very same decision. */
export async function decideAdmissions(context: Context, rows: readonly (readonly Question[])[]): Promise<Decisions> {
  const decidedAt = context.now();
  const known = new Map<string, View | UnknownHost>();
  const hostIds = new Set<string>();
  for (const row of rows) for (const { hostId } of row) hostIds.add(hostId);
  // From the database a host takes a hundred times as long as from memory.
  const pause = createPause();
  for (const hostId of hostIds) {
    known.set(hostId, await readOneOfMany(context, hostId));
    if (!(await pause()) && known.size % hostsInTurn === 0) await nextTurn();
  }
  // Nothing could be said of anybody: that is no answer.
  if (known.size > 0 && [...known.values()].every((one) => one === 'HOST_NOT_REMEMBERED')) throw databaseAway();
  const times = { decidedAt, at: context.now() };
  const answer = once((question: Question) =>
    decide(context, question, known.get(question.hostId) ?? 'HOST_UNKNOWN', times),
  );
  return { decidedAt, decisions: await mapRows(rows, answer) };
}

/** What `map` makes of each member. Others have their turns between many. */
export async function mapRows<Member, Mapped>(
  rows: readonly (readonly Member[])[],
  map: (member: Member) => Mapped,
): Promise<Mapped[][]> {
  const mapped: Mapped[][] = [];
  let count = 0;
  for (const row of rows) {
    const made: Mapped[] = [];
    for (const member of row) {
      made.push(map(member));
      count += 1;
      if (count % hostsInTurn === 0) await nextTurn();
    }
    mapped.push(made);
  }
  return mapped;
}

/** Why nothing is known of a host. */
type UnknownHost = 'HOST_UNKNOWN' | 'HOST_UNREADABLE' | 'HOST_NOT_REMEMBERED';

/** One damaged row denies its own host, and never the answer about others. */
async function readHost(context: Context, hostId: string): Promise<View | UnknownHost> {
  try {
    const standing = await context.reads.findStanding(hostId);
    if (standing === undefined) return 'HOST_UNKNOWN';
    return await openView(context, standing);
  } catch (error) {
    if (isDamage(error)) return 'HOST_UNREADABLE';
    throw error;
  }
}

/** While the database is away a host that is not remembered is denied, and others are not. */
async function readOneOfMany(context: Context, hostId: string): Promise<View | UnknownHost> {
  try {
    return await readHost(context, hostId);
  } catch (error) {
    if (isUnreachable(error)) return 'HOST_NOT_REMEMBERED';
    throw error;
  }
}

interface Times {
  /** Not after the first host was read: what happened since may be missing. */
  readonly decidedAt: Date;
  /** Not before the last one was: whatever is over by then allows nothing. */
  readonly at: Date;
}

function decide(
  { config }: Context,
  question: Question,
  known: View | UnknownHost,
  { decidedAt, at }: Times,
): Decision {
  const { hostId, workload, demands } = question;
  const { held, reasons } =
    typeof known === 'string' ? { held: undefined, reasons: [reasonOf(known)] } : judge(known, demands, config, at);
  const allow = reasons.length === 0;
  const validUntil = boundOf({
    at: decidedAt,
    longestMs: config.admission.decisionSeconds * 1000,
    held: allow ? held : undefined,
    demands,
  });
  return { allow, hostId, workload, reasons, held, decidedAt, validUntil };
}

interface Judgement {
  readonly held: HeldVerdict;
  readonly reasons: readonly DenialReason[];
}

function judge({ host, hold }: View, demands: Demands, config: Context['config'], at: Date): Judgement {
  const held = hold(at);
  const placement = findPlacementReasons(host.labels, demands, config.admission);
  return { held, reasons: [...placement, ...findVerdictReasons(held, demands, at)] };
}

function findVerdictReasons(held: HeldVerdict, demands: Demands, at: Date): readonly DenialReason[] {
  if (held.verdict === undefined || held.reasons.length > 0) return held.reasons;
  return findTrustReasons(held, held.verdict, demands, at);
}

interface Bounds {
  readonly at: Date;
  readonly longestMs: number;
  /** What an allow rests on. */
  readonly held: HeldVerdict | undefined;
  readonly demands: Demands;
}

/** Who relies on a hold or a grant asks again soon: it may be ended at any time. */
const longestHeldMs = 30_000;

/** Never longer than the verdict, the freshness that was demanded, what is said from memory, or our own bound. */
function boundOf({ at, longestMs, held, demands: { maxAgeSeconds } }: Bounds): Date {
  const bounds = [at.getTime() + longestMs];
  if (held?.verdict !== undefined) {
    bounds.push(Date.parse(held.verdict.expiresAt));
    if (held.remembered !== undefined) bounds.push(held.remembered.until.getTime());
    const { until } = held.grant ?? held.hold ?? {};
    if (until !== undefined) bounds.push(until.getTime(), at.getTime() + longestHeldMs);
    if (maxAgeSeconds !== undefined) bounds.push(Date.parse(held.verdict.challengedAt) + maxAgeSeconds * 1000);
  }
  return new Date(Math.min(...bounds));
}
