// What Touchstone said of each host, and for how long that may be relied on. Only the server's own times are compared with each
// other, and the time that passes here is measured monotonically: a wall clock that is wrong prolongs no yes.
import type { ApiClient, CallOptions, JsonAnswerOf } from '../api/index.ts';
import { printable } from '../core/encoding/index.ts';
import type { Member, Standing } from './platform.ts';

type Question = CallOptions<'createAdmissionBatch'>['body']['requests'][number];
type Decision = JsonAnswerOf<'createAdmissionBatch'>['items'][number][number];

/** What a host must satisfy: the demands of an admission decision. */
export type Demands = Pick<Question, 'minimumStatus' | 'maxAgeSeconds' | 'tenant' | 'zone' | 'requireLabels'>;

export interface TrustBook {
  /** Asks about those of these hosts that were never asked about, are touched, or are to be asked about again, and forgets
   * the others.
   * @throws ApiProblem, ApiUnreachable: then nothing that was said is changed */
  ask(hostIds: ReadonlySet<string>): Promise<void>;
  /** Something happened to this host. */
  touch(hostId: string): void;
  /** @param claims how many members claim to be each host */
  standingOf(member: Member, claims: ReadonlyMap<string, number>): Standing;
  /** Milliseconds until a host is to be asked about again. Infinite when none is. */
  untilQuestion(): number;
  /** Milliseconds until the next yes ends. Infinite when there is none. */
  untilLapse(): number;
  /** Whether Touchstone has answered yet. */
  hasHeard(): boolean;
}

export interface TrustBookOptions {
  readonly touchstone: () => ApiClient;
  readonly demands: Demands;
  readonly monotonic: () => number;
}

interface Entry {
  readonly decision: Decision;
  /** The rest in monotonic milliseconds. */
  readonly askAt: number;
  readonly endsAt: number;
}

/** How many hosts one question names. */
const batchSize = 5000;
/** So early before a yes ends it is asked about again, as a share of its life; never sooner than in a second. */
const askAfter = 2 / 3;
const soonestMs = 1000;

/** What cannot be a host id is not asked about: openapi.yaml, HostId. */
export function isHostId(text: string | undefined): text is string {
  return text !== undefined && /^[a-z0-9][a-z0-9.-]{0,62}$/.test(text);
}

export function createTrustBook({ touchstone, demands, monotonic }: TrustBookOptions): TrustBook {
  const entries = new Map<string, Entry>();
  const touched = new Set<string>();
  let hasHeard = false;

  function isDue(hostId: string): boolean {
    const entry = entries.get(hostId);
    return entry === undefined || touched.has(hostId) || entry.askAt <= monotonic() + soonestMs / 2;
  }

  async function askBatch(hosts: string[]): Promise<void> {
    // From before the question: what is relied on ends no later than the server meant.
    const askedAt = monotonic();
    for (const host of hosts) touched.delete(host);
    try {
      const body = { requests: [{ hosts, ...demands }] };
      const { decidedAt, items } = await touchstone().call('createAdmissionBatch', { body });
      for (const decision of items[0] ?? []) {
        const difference = Date.parse(decision.validUntil) - Date.parse(decidedAt);
        const lifeMs = Number.isFinite(difference) ? difference : 0;
        const askAt = askedAt + Math.max(soonestMs, lifeMs * askAfter);
        entries.set(decision.host, { decision, askAt, endsAt: askedAt + lifeMs });
      }
      hasHeard = true;
    } catch (error) {
      for (const host of hosts) touched.add(host);
      throw error;
    }
  }

  return {
    ask: async (hostIds) => {
      for (const id of entries.keys()) if (!hostIds.has(id)) entries.delete(id);
      for (const id of touched) if (!hostIds.has(id)) touched.delete(id);
      const hosts = [...hostIds].filter((id) => isHostId(id) && isDue(id));
      for (let from = 0; from < hosts.length; from += batchSize) await askBatch(hosts.slice(from, from + batchSize));
    },
    touch: (hostId) => {
      if (entries.has(hostId)) touched.add(hostId);
    },
    standingOf: ({ hostId }, claims) => {
      if (!isHostId(hostId)) return unsaid('HOST_UNNAMED', 'nothing says which host it is');
      if ((claims.get(hostId) ?? 0) > 1) return unsaid('HOST_AMBIGUOUS', `more than one claims to be ${hostId}`);
      const entry = entries.get(hostId);
      if (entry === undefined) return unsaid('TOUCHSTONE_SILENT', 'Touchstone has said nothing about this host');
      if (entry.decision.decision === 'allow' && entry.endsAt <= monotonic())
        return unsaid('TOUCHSTONE_SILENT', 'what Touchstone said last has run out');
      return said(entry.decision);
    },
    untilQuestion: () =>
      touched.size > 0 ? 0 : Math.max(0, earliest([...entries.values()].map(({ askAt }) => askAt)) - monotonic()),
    untilLapse: () => {
      const at = monotonic();
      const ends = [...entries.values()].flatMap(({ decision, endsAt }) =>
        decision.decision === 'allow' && endsAt > at ? [endsAt] : [],
      );
      return earliest(ends) - at;
    },
    hasHeard: () => hasHeard,
  };
}

/** How many members claim to be each host. */
export function countClaims(members: Iterable<Member>): ReadonlyMap<string, number> {
  const claims = new Map<string, number>();
  for (const { hostId } of members) if (hostId !== undefined) claims.set(hostId, (claims.get(hostId) ?? 0) + 1);
  return claims;
}

/** Not by spread: fleets have more members than a call has room for. */
function earliest(times: readonly number[]): number {
  return times.reduce((least, time) => Math.min(least, time), Infinity);
}

function unsaid(code: string, reason: string): Standing {
  return { trusted: false, said: false, codes: [code], reason };
}

function said({ decision, reasons }: Decision): Standing {
  if (decision === 'allow') return { trusted: true, said: true, codes: [], reason: 'trusted' };
  const codes = reasons.map(({ code }) => printable(code, 100));
  const reason = printable(reasons.map(({ message }) => message).join('; '), 500);
  return { trusted: false, said: true, codes, reason };
}
