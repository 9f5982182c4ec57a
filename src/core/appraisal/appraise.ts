import { VerificationError } from '../error.ts';
import type { Verdict } from '../verdict/index.ts';
import type { Evidence, Trust } from './evidence.ts';
import type { AppraisalPolicy } from './policy.ts';

export function appraise(evidence: Evidence, trust: Trust, policy: AppraisalPolicy | undefined, at: Date): Verdict {
  throw new VerificationError(
    'APPRAISAL_POLICY_INVALID',
    `${evidence.attest.length} ${trust.host.id} ${policy?.id ?? ''} ${at.toISOString()}`,
  );
}
