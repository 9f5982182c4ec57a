// The verdict that holds now. Nothing has to run for a verdict to end: it lapses at its expiry by being read after it.
import type { TrustStatus, Verdict } from '../../core/verdict/index.ts';
import type { Remembered } from '../outage/last-known.ts';
import { clockToleranceMs } from '../clock.ts';
import type { HostRecord, QuarantineRecord, VerdictRecord } from '../storage/index.ts';
import { quarantineOf, stateOf, type HostState } from './host-state.ts';
import { verdictReasonOf, type VerdictReason, type VerdictReasonCode } from './verdict-reasons.ts';

export interface HeldVerdict {
  readonly hostId: string;
  readonly state: HostState;
  readonly status: TrustStatus;
  /** Why the status is not the one of `verdict`. Empty when it is. */
  readonly reasons: readonly VerdictReason[];
  /** The last appraisal, whether it still holds or not. */
  readonly verdict: Verdict | undefined;
  /** Why `status` is better than that of `verdict`: one of these, or nothing. */
  readonly hold?: Hold;
  readonly grant?: Grant;
  /** The database is away, and this is what it said last. docs/decisions/0026 */
  readonly remembered?: Remembered;
}

/** Lockout protection: the last good status goes on to count for a while. docs/decisions/0019 */
export interface Hold {
  readonly since: Date;
  readonly until: Date;
  readonly reason: string;
  readonly status: 'affirming' | 'warning';
}

/** Break-glass: operators signed that this very boot is admitted for a while. docs/decisions/0018 */
export interface Grant {
  /** Id of the statement. */
  readonly statement: string;
  readonly since: Date;
  readonly until: Date;
  readonly reason: string;
  readonly ticket: string;
  readonly signers: readonly string[];
  readonly status: 'affirming' | 'warning';
}

const none: readonly VerdictReason[] = [];

export function holdVerdict(host: HostRecord, record: VerdictRecord | undefined, at: Date): HeldVerdict {
  const reason = refusalOf(host, record, at);
  return {
    hostId: host.hostId,
    state: stateOf(host, record, at),
    status: reason === undefined && record !== undefined ? record.verdict.status : 'none',
    reasons: reason === undefined ? none : [reason],
    verdict: record?.verdict,
  };
}

/** Whether a verdict still says what it said: it holds, also of a host in quarantine, or it never could, and nothing came since. */
export function stillSays(record: VerdictRecord, host: HostRecord, at: Date): boolean {
  const lapse = lapseOf(host, record, at);
  return lapse === undefined || lapse.code === 'VERDICT_NEVER_HELD';
}

/** What keeps the host from being trusted at all, then what ended its verdict. */
function refusalOf(host: HostRecord, record: VerdictRecord | undefined, at: Date): VerdictReason | undefined {
  return (host.state === 'active' ? quarantineReason(host, at) : undefined) ?? lapseOf(host, record, at);
}

/** Why an active host is not trusted, whatever it attests. */
export function quarantineReason(host: HostRecord, at: Date): VerdictReason | undefined {
  const quarantine = quarantineOf(host, at);
  return quarantine && verdictReasonOf('HOST_QUARANTINED', describeQuarantine(quarantine));
}

const endReasons = {
  released: 'HOST_RELEASED',
  replacing: 'HOST_TPM_REPLACED',
  retired: 'HOST_RETIRED',
} as const satisfies Record<Exclude<HostRecord['state'], 'active'>, VerdictReasonCode>;

function lapseOf(host: HostRecord, record: VerdictRecord | undefined, at: Date): VerdictReason | undefined {
  if (host.state !== 'active') return verdictReasonOf(endReasons[host.state]);
  if (record === undefined) return verdictReasonOf('VERDICT_NONE');
  if (record.voided?.code === 'HOST_REBOOTED') return verdictReasonOf('HOST_REBOOTED');
  if (record.voided !== undefined) return verdictReasonOf('VERDICT_VOIDED', record.voided.message);
  if (record.epoch !== host.epoch) return verdictReasonOf('VERDICT_OF_EARLIER_BINDING');
  if (record.expiresAt <= Date.parse(record.verdict.challengedAt))
    return verdictReasonOf('VERDICT_NEVER_HELD', errorCodesOf(record.verdict));
  if (at.getTime() >= record.expiresAt) return verdictReasonOf('VERDICT_EXPIRED', `at ${record.verdict.expiresAt}`);
  if (record.issuedAt > at.getTime() + clockToleranceMs) return verdictReasonOf('VERDICT_FROM_THE_FUTURE');
  return undefined;
}

function describeQuarantine({ id, reason, until }: QuarantineRecord): string {
  const end = until === undefined ? 'until it is lifted' : `until ${new Date(until).toISOString()}`;
  return `${reason} (${id}, ${end})`;
}

/** The codes of what denies, each once, for a sentence. */
export function errorCodesOf({ findings }: Verdict): string {
  const codes = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  return [...new Set(codes)].slice(0, 8).join(', ');
}
