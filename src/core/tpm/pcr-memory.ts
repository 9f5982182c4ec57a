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
  get(quoted: string): RememberedPcrs | undefined;
  set(quoted: string, pcrs: RememberedPcrs): void;
}

/** Made by `recallPcrs` only. */
export interface RememberedPcrs {
  readonly proven: AttestedPcrs;
  /** A claim of these values that cannot change any more: whoever brings this object claims them again. */
  readonly claimed: HeldPcrs | undefined;
}

const held = Symbol('held');

/** Made by `holdPcrs` only: nobody else has its bytes, so what they were when a quote proved them they still are. */
export type HeldPcrs = ClaimedPcrs & { readonly [held]: true };

/** A copy of what a host claimed, to be held against each further quote of a host that leaves its PCR values out. */
export function holdPcrs(claimed: ClaimedPcrs): HeldPcrs {
  const copyOf = (values: ReadonlyMap<number, Uint8Array>) =>
    new Map([...values].map(([pcr, value]) => [pcr, Uint8Array.from(value)]));
  const copy = new Map([...claimed].map(([bank, values]) => [bank, copyOf(values)]));
  return Object.defineProperty(copy, held, { value: true }) as ClaimedPcrs as HeldPcrs;
}

/** As `verifyPcrs`, and the same answer, with or without a memory. Refusals are not remembered.
 * @throws as verifyPcrs */
export function recallPcrs(quote: VerifiedQuote, claimed: ClaimedPcrs, memory: PcrMemory | undefined): AttestedPcrs {
  const known = memory?.get(quote.quoted);
  const own = isHeld(claimed) ? claimed : undefined;
  if (known !== undefined && own !== undefined && known.claimed === own) return known.proven;
  const isKnown = known !== undefined && isClaimed(known.proven, claimed);
  const proven = isKnown ? known.proven : verifyPcrs(quote, claimed);
  if (!isKnown || own !== undefined) memory?.set(quote.quoted, { proven, claimed: own });
  return proven;
}

function isHeld(claimed: ClaimedPcrs): claimed is HeldPcrs {
  return held in claimed;
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
