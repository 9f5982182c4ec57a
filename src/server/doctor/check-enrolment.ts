// What the doctor says of enrolment: who may ask, who is let in, and who claimed what was another's.
import { counted } from '../../core/encoding/index.ts';
import { breadthOf } from '../attestation/approval-rules.ts';
import type { ServerConfig } from '../config/config.ts';
import type { Check } from './check.ts';
import type { IdentityConflict } from '../storage/index.ts';

export function checkEnrolment({ mode, approval }: ServerConfig['enrolment']): Check {
  const who = mode === 'token' ? 'hosts need a join token' : 'anybody may ask';
  const isGuarded = mode === 'token' || approval === 'queue';
  return {
    name: 'enrolment',
    ok: isGuarded,
    severity: 'warning',
    message: !isGuarded
      ? 'enrolment.mode open: anybody may enrol a TPM'
      : approval === 'queue'
        ? `${who}, and operators approve each TPM that was not registered before`
        : who,
    remedy:
      'Set enrolment.mode: token, and make join tokens: `touchstone token create --role joiner`. Or set enrolment.approval: queue.',
  };
}

export function checkEndorsement({ allowUnverifiedEk }: ServerConfig['enrolment']): Check {
  return {
    name: 'endorsement',
    ok: !allowUnverifiedEk,
    severity: 'warning',
    message: allowUnverifiedEk
      ? 'enrolment.allowUnverifiedEk is set, so software may call itself a TPM'
      : 'TPMs must be vouched for by their makers',
    remedy: 'Remove enrolment.allowUnverifiedEk when the roots of your TPMs are trust anchors.',
  };
}

/** No certificate says that an EK and an IAK are of one TPM. */
export function checkDoors({ deviceIdentity }: ServerConfig['enrolment']): Check {
  const isEither = deviceIdentity === 'accepted';
  return {
    name: 'enrolment-doors',
    ok: !isEither,
    severity: 'warning',
    message: isEither
      ? 'enrolment.deviceIdentity accepted: a TPM with a certified EK and a certified IAK can enrol once by each'
      : 'one TPM is one host',
    remedy:
      'Set enrolment.deviceIdentity: required where every machine has an IAK; else compare serial numbers: `touchstone host show`.',
  };
}

/** Approvals that let in more than they seem to. */
export function checkRules({ mode, approval, rules }: ServerConfig['enrolment']): Check {
  const broad = rules.flatMap((rule) => {
    const why = breadthOf(rule, mode);
    return why === undefined ? [] : [`rule ${rule.name}: ${why}`];
  });
  const isIdle = approval === 'none' && rules.some(({ effect }) => effect === 'approve');
  const idle = 'rules approve nothing while enrolment.approval is none';
  return {
    name: 'enrolment-rules',
    ok: broad.length === 0 && !isIdle,
    severity: 'warning',
    message:
      broad.length > 0 ? broad.join('; ') : isIdle ? idle : `${counted(rules.length, 'rule')}, none of them broad`,
    remedy: 'Add conditions that hosts cannot choose, and try them: `touchstone host pending --would-approve FILE`.',
  };
}

const weekMs = 604_800_000;

export function checkConflicts(conflicts: readonly IdentityConflict[], now: Date): Check {
  const recent = conflicts.filter(({ lastAt }) => lastAt > now.getTime() - weekMs);
  const names = [...new Set(recent.map(({ hostId }) => hostId))];
  return {
    name: 'identity',
    ok: recent.length === 0,
    severity: 'warning',
    message:
      recent.length === 0
        ? 'no identity was claimed twice within a week'
        : `${recent.length} identities were claimed twice within a week: ${names.slice(0, 5).join(', ')}`,
    remedy: 'Find out who it was: `touchstone host conflicts`.',
  };
}
