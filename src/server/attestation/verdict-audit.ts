// Verdicts enter the audit log when they say something new: a steady host leaves one entry, not one an hour.
import type { Verdict } from '../../core/verdict/index.ts';
import type { AuditDraft, HostRecord, VerdictRecord } from '../storage/index.ts';
import { stillSays } from './host-verdict.ts';
import type { Ground } from './view-verdict.ts';

export interface VerdictChange {
  readonly host: HostRecord;
  readonly previous: VerdictRecord | undefined;
  readonly at: Date;
  /** What makes the new verdict worth more than it says. */
  readonly ground: Ground | undefined;
}

/** The audit entry of a verdict; undefined when it repeats the one before. */
export function auditOfVerdict(
  verdict: Verdict,
  { host, previous, at, ground }: VerdictChange,
): AuditDraft | undefined {
  if (previous !== undefined && stillSays(previous, host, at) && saysTheSame(previous.verdict, verdict)) {
    return undefined;
  }
  const { policy, boot, findings } = verdict;
  return {
    at: at.getTime(),
    actor: `host ${host.hostId}`,
    action: 'verdict.changed',
    subject: host.hostId,
    details: {
      status: verdict.status,
      before: previous?.verdict.status ?? null,
      expiresAt: verdict.expiresAt,
      policy: policy === undefined ? null : `${policy.id}/${policy.version}`,
      boot: boot?.epoch ?? null,
      findings: [...new Set(findings.filter(({ severity }) => severity === 'error').map(({ code }) => code))],
      evidence: verdict.evidenceDigest,
      ...(ground === undefined ? {} : describeGround(ground)),
    },
  };
}

function describeGround(ground: Ground): AuditDraft['details'] {
  if ('hold' in ground) return { heldUntil: ground.hold.until.toISOString() };
  return { breakGlass: ground.grant.statement, breakGlassUntil: ground.grant.until.toISOString() };
}

/** Of one boot, under one policy, on the same golden measurements, for the same reasons. */
function saysTheSame(before: Verdict, now: Verdict): boolean {
  const layers = Object.keys(before.layers);
  return (
    before.status === now.status &&
    before.policy?.id === now.policy?.id &&
    before.policy?.version === now.policy?.version &&
    before.boot?.resetCount === now.boot?.resetCount &&
    before.boot?.restartCount === now.boot?.restartCount &&
    layers.length === Object.keys(now.layers).length &&
    layers.every((layer) => before.layers[layer] === now.layers[layer]) &&
    areAlike(before.furtherGoldens ?? [], now.furtherGoldens ?? []) &&
    areAlike(reasonsOf(before), reasonsOf(now))
  );
}

function reasonsOf({ findings }: Verdict): readonly string[] {
  return findings.map(({ code, severity }) => `${severity} ${code}`).sort();
}

function areAlike(before: readonly string[], now: readonly string[]): boolean {
  return before.length === now.length && before.every((text, index) => text === now[index]);
}
