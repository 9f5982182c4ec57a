// An attestation that no proof came with: its quote is one. The key of this host signed it, for a challenge that was drawn for this host
// and that nobody has answered. docs/decisions/0030
import type { Verdict } from '../../core/verdict/index.ts';
import { ServerError } from '../errors.ts';
import { errorCodesOf } from './host-verdict.ts';

/** Proves:
 * 1. the host's TPM answered this challenge: its quote was verified;
 * 2. nothing else of the evidence does harm. Whoever passed it on may have left out or changed what no signature covers, the logs above
 *    all. That can make a verdict worse and never better, so what is not affirming needs a proof of the whole request, unless the verdict
 *    before said the very same.
 * @throws ServerError AUTH_PROOF_REQUIRED */
export function checkSelfProof(verdict: Verdict, previous: Verdict | undefined): void {
  if (verdict.boot === undefined) {
    const reason = 'its quote is not one of the enrolled key over this challenge';
    throw new ServerError('AUTH_PROOF_REQUIRED', `the evidence does not prove the request: ${reason}`);
  }
  if (verdict.status === 'affirming' || (previous && saidBy(previous) === saidBy(verdict))) return;
  const news = `the verdict would be ${verdict.status} (${errorCodesOf(verdict) || 'warnings alone'})`;
  throw new ServerError('AUTH_PROOF_REQUIRED', `the quote alone does not prove bad news: ${news}`);
}

/** Everything but when it was made, and of which quote: of the boot log too, by which break-glass admits. */
function saidBy({ status, vector, findings, layers, furtherGoldens, policy, boot, eventLogDigest }: Verdict): string {
  const ofBoot = [boot?.resetCount, boot?.restartCount, boot?.epoch];
  return JSON.stringify([status, vector, findings, layers, furtherGoldens, policy, ofBoot, eventLogDigest]);
}
