// The one screen to read: evidence + trust + policy + time -> verdict. Pure and deterministic: the same input gives the
// same bytes, today and years later, in every way evidence comes in (REST, CBOR, import, what-if, command line).
import { recallPcrs, recallQuote, type PcrMemory, type QuoteMemory } from '../tpm/index.ts';
import type { Finding, Verdict } from '../verdict/index.ts';
import { createAttempt } from './attempt.ts';
import { checkBootState } from './checks/check-boot-state.ts';
import { checkDenied } from './checks/check-denied.ts';
import { checkEndorsement } from './checks/check-endorsement.ts';
import { checkPlatform } from './checks/check-platform.ts';
import { checkPolicy } from './checks/check-policy.ts';
import { checkQuote } from './checks/check-quote.ts';
import { concludeVerdict } from './conclude.ts';
import type { Evidence, Trust } from './evidence.ts';
import { recallLog, type LogMemory } from './log-memory.ts';
import { nameLog } from './named-log.ts';
import type { AppraisalPolicy } from './policy/policy.ts';
import { recallIma, type RuntimeMemory } from './runtime-memory.ts';

/** What was proved before and need not be proved again. Never needed. */
export interface AppraisalMemory {
  readonly logs?: LogMemory;
  readonly quotes?: QuoteMemory;
  readonly pcrs?: PcrMemory;
  readonly runtimes?: RuntimeMemory;
}

/**
 * Appraises one boot of one host. An affirming verdict says, of the moment `at`:
 *
 * 1. a policy applies to the host, and demands something; somebody vouches for its TPM, and for its machine where that is demanded;
 * 2. the host's own attestation key, proved at enrolment, signed a fresh quote for this challenge, since that was drawn;
 * 3. the PCR values are the ones the TPM signed, in the demanded bank, and none of them is resettable;
 * 4. the boot is not older than one already accepted;
 * 5. the event log leads to those values, each of its events in a demanded PCR belongs to a layer, loaders come first;
 * 6. each demanded layer is, event by event and in order, what a quorum of operators signed;
 * 7. every file the kernel measured while the host ran is approved, where the policy demands layer `runtime`;
 * 8. the facts the policy demands are read from events those values bind;
 * 9. nothing of it is on a deny list, whatever else it matches.
 *
 * It does not say what happened since the challenge: that is why it expires, counted from there, and why the next boot ends it.
 *
 * With a `memory` the verdict is the same, byte for byte, and sooner: see `log-memory.ts`, `runtime-memory.ts`, and `quote-memory.ts` and `pcr-memory.ts` of `tpm/`.
 *
 * A refusal is a verdict too. Only a failure that has no code (a defect of this program) is thrown.
 */
export function appraise(
  evidence: Evidence,
  trust: Trust,
  policy: AppraisalPolicy | undefined,
  at: Date,
  memory: AppraisalMemory = {},
): Verdict {
  // Each member is read once: what is verified is what is used.
  const { attest, signature, pcrs: claimedPcrs, imaLog, userspaceLog } = evidence;
  const eventLog = evidence.eventLog && nameLog(evidence.eventLog);
  const { host, qualifyingData, previousBoot } = trust;
  const findings: Finding[] = [];
  const attempt = createAttempt(findings);
  const note = (found: readonly Finding[]): void => {
    for (const finding of found) findings.push(finding);
  };

  // 1
  note(checkPolicy(policy));
  note(checkEndorsement(trust));
  note(checkPlatform(trust, policy));

  // 2, 3, 4: what the TPM signed
  const quote = attempt('quote', () =>
    recallQuote({ attest, signature, key: host.attestationKey, qualifyingData }, memory.quotes),
  );
  const pcrs = quote && attempt('pcrs', () => recallPcrs(quote, claimedPcrs, memory.pcrs));
  if (quote && policy) note(checkQuote(quote, policy));
  if (quote) note(checkBootState(quote, previousBoot));

  // 5, 6, 8: what of the boot is good. The log is not even parsed unless signature and PCR values hold
  const boot = pcrs && recallLog({ pcrs, eventLog, userspaceLog, trust, policy, at }, memory.logs);
  note(boot?.findings ?? []);

  // 7: and of what ran
  const atKernelStart = boot?.atKernelStart;
  const basis = pcrs && policy && { pcrs, atKernelStart, trust, policy, at, attempt };
  const runtime = basis && recallIma(imaLog, basis, memory.runtimes);
  note(runtime?.findings ?? []);
  note(boot?.factFindings ?? []);

  // 9: whatever was found good, nothing of it may be denied
  note(checkDenied({ trust, boot, runtime, at }));

  return concludeVerdict({ trust, policy, at, attest, eventLog, quote, pcrs, boot, runtime, findings });
}
