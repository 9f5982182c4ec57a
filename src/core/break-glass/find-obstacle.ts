// Whether a statement covers a host, by its verdict. Only a proved boot is excused, and only the very one that was signed.
import type { Verdict } from '../verdict/index.ts';
import { excusableCode, type BreakGlass, type Excusable } from './break-glass.ts';

/** Why a statement changes nothing for a host. */
export type Obstacle =
  'not-named' | 'other-tpm' | 'other-boot' | 'other-boot-log' | 'not-excused' | 'nothing-to-excuse';

/**
 * What keeps a statement from covering a host; undefined where it covers it, which says that:
 *
 * 1. the host is named, and has the TPM that it had then;
 * 2. its quote is valid, of the boot that was signed, and its boot log is the one that was signed;
 * 3. it is refused, and each finding that refuses it is excused by name.
 *
 * It does not say that the verdict still holds, that the statement is in force, or that nothing was revoked: the caller checks those.
 *
 * @param ek hex SHA-256 of the endorsement key that the host enrolled with
 */
export function findObstacle(statement: BreakGlass, ek: string, verdict: Verdict): Obstacle | undefined {
  const bound = statement.hosts.find(({ id }) => id === verdict.host);
  if (bound === undefined) return 'not-named';
  if (bound.ek !== ek) return 'other-tpm';
  const { boot, eventLogDigest, status, findings } = verdict;
  if (boot?.resetCount !== bound.resetCount || boot.restartCount !== bound.restartCount) return 'other-boot';
  if (boot.epoch === 'rolled-back') return 'other-boot';
  if (eventLogDigest !== bound.eventLog) return 'other-boot-log';
  const denying = findings.filter(({ severity }) => severity === 'error');
  if (status === 'affirming' || status === 'warning') return 'nothing-to-excuse';
  const isExcused = denying.length > 0 && denying.every((finding) => isNamed(statement, excusableCode(finding)));
  return isExcused ? undefined : 'not-excused';
}

function isNamed({ excuses }: BreakGlass, code: Excusable | undefined): boolean {
  return code !== undefined && excuses.includes(code);
}

/** The status of a covered host: the one that was signed, but `warning` where a finding warns, since no statement excuses a warning. */
export function excusedStatus({ status }: BreakGlass, { findings }: Verdict): BreakGlass['status'] {
  return findings.some(({ severity }) => severity === 'warning') ? 'warning' : status;
}
