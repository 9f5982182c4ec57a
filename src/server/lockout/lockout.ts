// Lockout protection: when too many hosts would lose trust at once by the operators' own doing, what was believed of them last is
// held for a bounded time. One hold at a time for the whole fleet, and no second one before an operator has ended the first. [PEERS M10]
import { counted, encodeBase64url, printable } from '../../core/encoding/index.ts';
import { goldensOf, type Verdict } from '../../core/verdict/index.ts';
import type { Hold } from '../attestation/host-verdict.ts';
import type { ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import type { RandomSource } from '../keys/random.ts';
import type { HostRecord, LockoutRecord, Store, VerdictRecord } from '../storage/index.ts';
import type { ServerLog } from '../telemetry/log.ts';
import { findLastGood, isHoldable, isTrusted } from './last-good.ts';
import { lookTogether } from './look-together.ts';

export interface Lockout {
  /** The hold that applies to a verdict that holds. */
  find(host: HostRecord, record: VerdictRecord, at: Date): Promise<Hold | undefined>;
  /** The hold that applies to a verdict that is about to be recorded behind those that there are. */
  foresee(host: HostRecord, verdict: Verdict): Promise<Hold | undefined>;
  /** Counts a host that lost trust by the operators' doing, and begins a hold when they are too many. Never fails. Asks nothing where
   * the verdict trusts as `previous`, the one before, did. */
  note(host: HostRecord, verdict: Verdict, previous: VerdictRecord | undefined): Promise<void>;
}

export interface LockoutOptions {
  readonly config: Pick<ServerConfig, 'lockout'>;
  readonly store: Store;
  readonly now: () => Date;
  readonly random: RandomSource;
  readonly log: ServerLog;
}

export function createLockout(options: LockoutOptions): Lockout {
  const { config, store, now, log } = options;
  const look = lookTogether(() => beginWhenTooMany(options));

  async function holdOf(hostId: string, at: Date, next?: VerdictRecord): Promise<Hold | undefined> {
    const inForce = holdInForce(config, await store.findLockout(), at);
    if (inForce === undefined) return undefined;
    const history = await store.listVerdicts(hostId);
    const good = findLastGood(next === undefined ? history : [next, ...history]);
    if (good === undefined || (await restsOnRevoked(store, good.verdict))) return undefined;
    return { ...inForce, status: good.verdict.status };
  }

  /** Counts the moment of losing trust, and nothing after it: what an operator let through is not counted again. */
  async function count(hostId: string, verdict: Verdict, wasTrusted: boolean): Promise<void> {
    if (isTrusted(verdict.status) === wasTrusted) return;
    if (!wasTrusted) return store.forgetFlip(hostId);
    if (!isHoldable(verdict)) return;
    const history = await store.listVerdicts(hostId);
    const good = findLastGood(history);
    if (good === undefined || good.sequence !== history[1]?.sequence) return;
    await store.noteFlip(hostId, now().getTime());
    await look();
  }

  async function foresee({ hostId, epoch, verdictSequence }: HostRecord, verdict: Verdict): Promise<Hold | undefined> {
    const times = { issuedAt: Date.parse(verdict.issuedAt), expiresAt: Date.parse(verdict.expiresAt) };
    const next = { hostId, epoch, sequence: verdictSequence + 1, verdict, ...times, voided: undefined };
    return holdOf(hostId, now(), next);
  }

  /** An attestation never fails by this: what cannot be looked at is not held. */
  function report(error: unknown, { hostId }: HostRecord): void {
    log.error({ err: error, host: hostId }, 'lockout protection could not look at a verdict');
  }

  return {
    find: async ({ hostId }, { verdict }, at) => {
      if (config.lockout.sharePercent === undefined || !isHoldable(verdict)) return undefined;
      return holdOf(hostId, at);
    },
    foresee: async (host, verdict) => {
      if (config.lockout.sharePercent === undefined || !isHoldable(verdict)) return undefined;
      try {
        return await foresee(host, verdict);
      } catch (error) {
        report(error, host);
        return undefined;
      }
    },
    note: async (host, verdict, previous) => {
      if (config.lockout.sharePercent === undefined || previous === undefined) return;
      const wasTrusted = isTrusted(previous.verdict.status);
      await count(host.hostId, verdict, wasTrusted).catch((error: unknown) => report(error, host));
    },
  };
}

/** The end is the earlier of what was promised and what the configuration allows now. */
export function holdInForce(
  { lockout }: Pick<ServerConfig, 'lockout'>,
  record: LockoutRecord | undefined,
  at: Date,
): Omit<Hold, 'status'> | undefined {
  if (record === undefined || record.endedAt !== undefined || lockout.sharePercent === undefined) return undefined;
  const until = Math.min(record.until, record.since + lockout.holdSeconds * 1000);
  const now = at.getTime();
  if (now < record.since || now >= until) return undefined;
  const reason = `${record.flipped} of ${counted(record.fleet, 'host')} lost trust by golden measurements or policies (${record.id})`;
  return { since: new Date(record.since), until: new Date(until), reason };
}

/** An operator ended one just now, and knows what the hosts do that follow. */
export function wasJustEnded(
  { lockout }: Pick<ServerConfig, 'lockout'>,
  last: LockoutRecord | undefined,
  at: number,
): boolean {
  // In either direction: a hold that was ended while the clock was ahead does not forbid the next one until then.
  return last?.endedAt !== undefined && Math.abs(at - last.endedAt) <= lockout.windowSeconds * 1000;
}

/** Whether so many hosts that lose trust begin a hold. */
export function areTooMany({ lockout }: Pick<ServerConfig, 'lockout'>, flipped: number, fleet: number): boolean {
  const { sharePercent = 100, leastHosts } = lockout;
  return flipped >= leastHosts && flipped * 100 > fleet * sharePercent;
}

/** A golden measurement that is gone counts as revoked. */
async function restsOnRevoked(store: Pick<Store, 'findGolden'>, verdict: Verdict): Promise<boolean> {
  const states = await Promise.all(
    goldensOf(verdict).map(async (id) => (await store.findGolden(id))?.state ?? 'revoked'),
  );
  return states.includes('revoked');
}

async function beginWhenTooMany({ config, store, now, random, log }: LockoutOptions): Promise<void> {
  const { windowSeconds, holdSeconds, leastHosts } = config.lockout;
  const at = now().getTime();
  const last = await store.findLockout();
  if ((last !== undefined && last.endedAt === undefined) || wasJustEnded(config, last, at)) return;
  const flipped = await store.countFlips(at - windowSeconds * 1000);
  if (flipped < leastHosts) return;
  const fleet = await store.countActiveHosts();
  if (!areTooMany(config, flipped, fleet)) return;
  const id = `hld_${encodeBase64url(random(12))}`;
  const record: LockoutRecord = { id, since: at, until: at + holdSeconds * 1000, flipped, fleet };
  const details = { until: new Date(record.until).toISOString(), flipped, fleet };
  const isBegun = await store.beginLockout(record, {
    at,
    actor: 'server',
    action: 'lockout.held',
    subject: id,
    details,
  });
  if (!isBegun) return;
  log.error({ event: 'lockout.held', ...record }, 'too many hosts lose trust at once: what was believed last is held');
}

/** Ends a hold, or permits the next one after it has run out.
 * @throws ServerError LOCKOUT_NONE */
export async function endLockout(
  { store, now }: Pick<LockoutOptions, 'store' | 'now'>,
  { reason, actor }: { readonly reason: string; readonly actor: string },
): Promise<void> {
  const record = await store.findLockout();
  const subject = record?.id ?? '';
  const audit = {
    at: now().getTime(),
    actor,
    action: 'lockout.ended',
    subject,
    details: { reason: printable(reason, 1024) },
  };
  if (record === undefined || !(await store.endLockout(record.id, audit))) throw new ServerError('LOCKOUT_NONE');
}
