// Claim 3 of `appraise`: the signed selection has the PCRs that the policy needs, and none that a program can reset.
import { resettablePcrs, type VerifiedQuote } from '../../tpm/index.ts';
import type { Finding } from '../../verdict/index.ts';
import { uncoveredPcrs } from '../policy/coverage.ts';
import { createFinding } from '../finding.ts';
import type { AppraisalPolicy } from '../policy/policy.ts';

const check = 'quote';

/** The signed selection must hold what the policy needs, and nothing that software can set as it likes. */
export function checkQuote({ selections }: VerifiedQuote, policy: AppraisalPolicy): Finding[] {
  const findings: Finding[] = [];
  for (const { bank, pcrs } of selections) {
    for (const pcr of resettablePcrs) {
      if (!pcrs.includes(pcr)) continue;
      const message = `The quote covers PCR ${pcr} (${bank}), which any program can reset.`;
      findings.push(createFinding('QUOTE_PCR_RESETTABLE', { check, pcr, message }));
    }
  }
  const selection = selections.find(({ bank, pcrs }) => bank === policy.bank && pcrs.length > 0);
  if (selection === undefined) {
    const covered = selections.filter(({ pcrs }) => pcrs.length > 0);
    const observed = covered.map(({ bank }) => bank).join(', ');
    const message = `The quote covers no PCR of bank ${policy.bank}, which the policy demands; it covers ${observed}.`;
    return [...findings, createFinding('QUOTE_BANK_MISSING', { check, expected: policy.bank, observed, message })];
  }
  for (const pcr of uncoveredPcrs(policy, selection.pcrs)) {
    const message = `The quote leaves out PCR ${pcr}, which the demanded layers are measured into.`;
    findings.push(createFinding('QUOTE_PCR_MISSING', { check, pcr, message }));
  }
  return findings;
}
