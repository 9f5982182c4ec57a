// What the doctor says of lockout protection.
import type { ServerConfig } from '../config/config.ts';
import type { Check } from './check.ts';
import type { LockoutRecord } from '../storage/index.ts';
import { holdInForce } from '../lockout/lockout.ts';

export function checkLockout(
  config: Pick<ServerConfig, 'lockout'>,
  record: LockoutRecord | undefined,
  at: Date,
): Check {
  const { sharePercent, holdSeconds } = config.lockout;
  const isEnded = record === undefined || record.endedAt !== undefined;
  return {
    name: 'lockout',
    ok: isEnded,
    severity: 'warning',
    message: isEnded ? describeSettings(sharePercent, holdSeconds) : describeRecord(config, record, at),
    remedy: 'Mend golden measurements or policies, then end it: `touchstone lockout end --reason TEXT`.',
  };
}

function describeSettings(sharePercent: number | undefined, holdSeconds: number): string {
  return sharePercent === undefined
    ? 'lockout protection is off'
    : `lockout protection holds for ${holdSeconds} s when more than ${sharePercent} % of the hosts lose trust at once`;
}

function describeRecord(config: Pick<ServerConfig, 'lockout'>, record: LockoutRecord, at: Date): string {
  const hold = holdInForce(config, record, at);
  return hold === undefined
    ? `the hold ${record.id} is over and was not ended: there is no other before that`
    : `statuses are held until ${hold.until.toISOString()}: ${hold.reason}`;
}
