import { MalformedError } from '../error.ts';
import type { PcrSelection } from '../tpm/index.ts';
import type { AppraisalPolicy } from './policy.ts';

/** Reads a policy document that was parsed as JSON (or YAML). Unknown fields are refused. */
export function parsePolicy(json: unknown): AppraisalPolicy {
  throw new MalformedError('APPRAISAL_POLICY_INVALID', typeof json);
}

/** The PCRs a quote must cover for this policy, one selection. */
export function policyPcrSelection(policy: AppraisalPolicy): PcrSelection {
  return { bank: policy.bank, pcrs: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14] };
}
