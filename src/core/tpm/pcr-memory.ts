// PCR values that a quote proved once. A host quotes the same values until it boots again, and hosts that booted alike do too.
//
// A memory is not part of the trusted base. Values are remembered under what the TPM signed of them: hash, digest, banks and PCRs.
// They are used again only for a quote that verified and says exactly that, and where the host claims the very same values: what
// `verifyPcrs` would then compute is what it computed before.
import { bytesEqual } from '../encoding/index.ts';
import { verifyPcrs, type AttestedPcrs } from './attested-pcrs.ts';
import type { ClaimedPcrs } from './pcr-selection.ts';
import type { VerifiedQuote } from './quote.ts';

/** May forget anything at any time. */
export interface PcrMemory {
  get(quoted: string): AttestedPcrs | undefined;
  set(quoted: string, pcrs: AttestedPcrs): void;
}

/** As `verifyPcrs`, and the same answer, with or without a memory. Refusals are not remembered.
 * @throws as verifyPcrs */
export function recallPcrs(quote: VerifiedQuote, claimed: ClaimedPcrs, memory: PcrMemory | undefined): AttestedPcrs {
  const known = memory?.get(quote.quoted);
  if (known !== undefined && isClaimed(known, claimed)) return known;
  const pcrs = verifyPcrs(quote, claimed);
  memory?.set(quote.quoted, pcrs);
  return pcrs;
}

/** Whether `claimed` holds these values, all of them and no others. */
function isClaimed({ banks, resettable }: AttestedPcrs, claimed: ClaimedPcrs): boolean {
  let count = 0;
  for (const [bank, values] of claimed) {
    const [firm, loose] = [banks.get(bank), resettable.get(bank)];
    for (const [pcr, value] of values) {
      const known = firm?.get(pcr) ?? loose?.get(pcr);
      if (known === undefined || !bytesEqual(known, value)) return false;
      count += 1;
    }
  }
  return count === countOf(banks) + countOf(resettable);
}

function countOf(banks: ClaimedPcrs): number {
  let count = 0;
  for (const values of banks.values()) count += values.size;
  return count;
}
