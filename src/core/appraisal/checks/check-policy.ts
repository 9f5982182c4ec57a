// Claim 1 of `appraise`, of the policy: there is one, and it demands something that a bank can prove.
import type { Finding } from '../../verdict/index.ts';
import { createFinding } from '../finding.ts';
import type { AppraisalPolicy } from '../policy/policy.ts';

/** A policy must exist and demand something. Checked here again, whoever made the object: no default accepts. */
export function checkPolicy(policy: AppraisalPolicy | undefined): Finding[] {
  const check = 'policy';
  if (policy === undefined) {
    return [
      createFinding('POLICY_ABSENT', { check, message: 'No policy applies to this host, so nothing is trusted.' }),
    ];
  }
  const findings: Finding[] = [];
  if (policy.layers.length === 0) {
    const message = `Policy ${policy.id} demands no layer, so it cannot trust anything.`;
    findings.push(createFinding('POLICY_DEMANDS_NOTHING', { check, message }));
  }
  // The type says so too, but a policy comes from a store that may be older than the type.
  if (!['sha256', 'sha384', 'sha512'].includes(policy.bank)) {
    const message = `Policy ${policy.id} asks for a PCR bank that proves nothing: sha256 or stronger expected.`;
    findings.push(createFinding('POLICY_BANK_REFUSED', { check, message, observed: policy.bank }));
  }
  if (!Number.isSafeInteger(policy.verdictSeconds) || policy.verdictSeconds < 1) {
    const message = `Policy ${policy.id} gives verdicts no lifetime: at least 1 second expected.`;
    findings.push(createFinding('POLICY_LIFETIME_INVALID', { check, message }));
  }
  return findings;
}
