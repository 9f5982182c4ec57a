// The state of a host: computed from deadlines when somebody asks. Nothing sweeps, so nothing can be late or forgotten.
import { isInForce, type HostRecord, type QuarantineRecord, type VerdictRecord } from '../storage/index.ts';

/**
 * - `booting`: enrolled or booted again, and not heard of since;
 * - `fresh`: attests when it is asked to, trusted or not;
 * - `stale`: missed its time; the last verdict may still hold;
 * - `lost`: silent beyond everything that was promised;
 * - `quarantined`: set aside by operators, whatever it attests;
 * - `released`: its binding to a TPM was ended; another may come;
 * - `replacing`: it is expected to come back with a new TPM;
 * - `retired`: it never comes back.
 */
export type HostState = 'booting' | 'fresh' | 'stale' | 'lost' | 'quarantined' | 'released' | 'replacing' | 'retired';

/** What a host may be late without a word: a tenth of what it was given, half a minute at least. */
const tolerance = { share: 0.1, leastMs: 30_000 };

export function stateOf(host: HostRecord, record: VerdictRecord | undefined, at: Date): HostState {
  if (host.state !== 'active') return host.state;
  if (quarantineOf(host, at) !== undefined) return 'quarantined';
  if (host.dueAt === undefined || record === undefined) return 'booting';
  const { staleAt, lostAt } = deadlinesOf(host.dueAt, record);
  const now = at.getTime();
  return now < staleAt ? 'fresh' : now < lostAt ? 'stale' : 'lost';
}

/** The quarantine that keeps the host from being trusted at a moment; of several, the one that lasts longest. */
export function quarantineOf({ quarantines }: HostRecord, at: Date): QuarantineRecord | undefined {
  if (quarantines.length === 0) return undefined;
  return quarantines
    .filter((quarantine) => isInForce(quarantine, at.getTime()))
    .sort((left, right) => (right.until ?? Infinity) - (left.until ?? Infinity) || (left.id < right.id ? -1 : 1))
    .at(0);
}

interface Deadlines {
  readonly staleAt: number;
  readonly lostAt: number;
}

function deadlinesOf(dueAt: number, { issuedAt, expiresAt }: VerdictRecord): Deadlines {
  const interval = dueAt - issuedAt;
  const staleAt = dueAt + Math.max(tolerance.leastMs, interval * tolerance.share);
  return { staleAt, lostAt: Math.max(expiresAt, staleAt + interval) };
}
