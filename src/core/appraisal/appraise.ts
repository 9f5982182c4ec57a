// The one screen to read: evidence + trust + policy + time -> verdict. Pure and deterministic: the same input gives the
// same bytes, today and years later, in every way evidence comes in (REST, CBOR, import, what-if, command line).
import { parseEventLog, verifyEventLog } from '../event-log/index.ts';
import { verifyPcrs, verifyQuote } from '../tpm/index.ts';
import type { Finding, Verdict } from '../verdict/index.ts';
import { createAttempt } from './attempt.ts';
import { checkBootState } from './check-boot-state.ts';
import { checkEndorsement } from './check-endorsement.ts';
import { checkEventLog } from './check-event-log.ts';
import { checkFacts } from './check-facts.ts';
import { checkIma } from './check-ima.ts';
import { checkLayerOrder } from './check-layer-order.ts';
import { checkLayers } from './check-layers.ts';
import { checkLogPresence } from './check-log-presence.ts';
import { checkPolicy } from './check-policy.ts';
import { checkQuote } from './check-quote.ts';
import { checkUserspaceLog } from './check-userspace-log.ts';
import { concludeVerdict } from './conclude.ts';
import type { Evidence, Trust } from './evidence.ts';
import type { AppraisalPolicy } from './policy.ts';

/**
 * Appraises one boot of one host. An affirming verdict says, of the moment `at`:
 *
 * 1. a policy applies to the host, and demands something;
 * 2. the host's own attestation key, proved at enrolment, signed a fresh quote for this challenge;
 * 3. the PCR values are the ones the TPM signed, in the demanded bank, and none of them is resettable;
 * 4. the boot is not older than one already accepted;
 * 5. the event log leads to those values, each of its events in a demanded PCR belongs to a layer, loaders come first;
 * 6. each demanded layer is, event by event and in order, what a quorum of operators signed;
 * 7. every file the kernel measured while the host ran is approved, where the policy demands layer `runtime`;
 * 8. the facts the policy demands are read from events those values bind.
 *
 * It does not say what happened since: that is why it expires, and why the next boot ends it.
 *
 * A refusal is a verdict too. Only a failure that has no code (a defect of this program) is thrown.
 */
export function appraise(evidence: Evidence, trust: Trust, policy: AppraisalPolicy | undefined, at: Date): Verdict {
  // Each member is read once: what is verified is what is used.
  const { attest, signature, pcrs: claimedPcrs, eventLog, imaLog, userspaceLog } = evidence;
  const { host, qualifyingData, previousBoot } = trust;
  const findings: Finding[] = [];
  const attempt = createAttempt(findings);
  const note = <T extends { readonly findings: readonly Finding[] }>(outcome: T): T => {
    findings.push(...outcome.findings);
    return outcome;
  };

  // 1
  findings.push(...checkPolicy(policy), ...checkEndorsement(trust));

  // 2, 3, 4: what the TPM signed
  const quote = attempt('quote', () => verifyQuote({ attest, signature, key: host.attestationKey, qualifyingData }));
  const pcrs = quote && attempt('pcrs', () => verifyPcrs(quote, claimedPcrs));
  if (quote && policy) findings.push(...checkQuote(quote, policy));
  if (quote) findings.push(...checkBootState(quote, previousBoot));

  // 5: the log is not even parsed unless signature and PCR values hold
  if (pcrs) findings.push(...checkLogPresence(eventLog));
  const userspace = pcrs && note(checkUserspaceLog(userspaceLog));
  const log =
    pcrs && eventLog && attempt('event-log', () => verifyEventLog(parseEventLog(eventLog), pcrs, userspace?.claimed));
  if (log && policy) findings.push(...checkEventLog(log, policy), ...checkLayerOrder(log, policy));

  // 6, 7, 8: what of it is good
  const layers = log && policy && note(checkLayers(log, trust, policy, at));
  const runtime = pcrs && policy && note(checkIma(imaLog, { pcrs, log, trust, policy, at, attempt }));
  if (log && policy) findings.push(...checkFacts(log, policy));

  return concludeVerdict({ trust, policy, at, attest, eventLog, quote, pcrs, log, layers, runtime, findings });
}
