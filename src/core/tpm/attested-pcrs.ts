// From a signed digest to PCR values that can be believed. [TPM2-P1 §17]
import { digestSizes, equalInConstantTime, hash, type HashAlgorithm } from '../crypto/index.ts';
import { VerificationError } from '../error.ts';
import { joinSelected } from './pcr-digest.ts';
import type { ClaimedPcrs, PcrSelection, PcrValues } from './pcr-selection.ts';
import type { VerifiedQuote } from './quote.ts';

declare const attestedPcrs: unique symbol;

/** PCR values that a quote proves. Made by `verifyPcrs` only. */
export interface AttestedPcrs {
  readonly [attestedPcrs]: true;
  /** As in `VerifiedQuote`: where it is the same, so are the values. */
  readonly quoted: string;
  /** Values by bank and PCR, without the PCRs that any program can reset. */
  readonly banks: ReadonlyMap<HashAlgorithm, PcrValues>;
  /** PCR 16 and 23, if quoted: shown, never evidence, because software sets them to whatever it likes. */
  readonly resettable: ReadonlyMap<HashAlgorithm, PcrValues>;
}

/** PCRs that locality 0 may reset on a PC Client TPM. */
export const resettablePcrs: readonly number[] = [16, 23];

/** Proves that `claimed` holds exactly the selected PCRs, with the values the TPM had when it signed. Names of banks and
 * PCRs come from the signed selection alone: a value sent under another name is missing there. Does not prove that
 * the values are good.
 * @throws VerificationError TPM_PCRS_MISSING, TPM_PCRS_UNSELECTED, TPM_PCRS_SIZE_WRONG, TPM_PCRS_DIGEST_MISMATCH,
 *   TPM_PCRS_RESETTABLE_ONLY */
export function verifyPcrs(quote: VerifiedQuote, claimed: ClaimedPcrs): AttestedPcrs {
  checkSelected(quote.selections, claimed);
  const joined = joinSelected(quote.selections, claimed);
  if (joined === undefined) {
    throw new VerificationError('TPM_PCRS_MISSING', 'a quoted PCR value was not sent');
  }
  if (!equalInConstantTime(hash(quote.digestAlg, joined), quote.pcrDigest)) {
    throw new VerificationError('TPM_PCRS_DIGEST_MISMATCH', 'the PCR values do not give the quoted digest');
  }
  const pcrs = cut(quote.selections, joined);
  if (pcrs.banks.size === 0) {
    throw new VerificationError('TPM_PCRS_RESETTABLE_ONLY', 'every quoted PCR can be reset by any program');
  }
  return { quoted: quote.quoted, ...pcrs } as AttestedPcrs;
}

function checkSelected(selections: readonly PcrSelection[], claimed: ClaimedPcrs): void {
  for (const [bank, values] of claimed) {
    const selected = selections.find((selection) => selection.bank === bank)?.pcrs ?? [];
    for (const [pcr, value] of values) {
      if (!selected.includes(pcr)) {
        const at = `pcrs.${bank}.${pcr}`;
        throw new VerificationError('TPM_PCRS_UNSELECTED', `PCR ${pcr} of ${bank} is not in the quote`, { at });
      }
      if (value.length !== digestSizes[bank]) {
        const at = `pcrs.${bank}.${pcr}`;
        throw new VerificationError('TPM_PCRS_SIZE_WRONG', `PCR ${pcr} of ${bank} has ${value.length} bytes`, { at });
      }
    }
  }
}

/** Of the joined values, which nobody else holds: who sent them cannot change what was proven. */
function cut(selections: readonly PcrSelection[], joined: Uint8Array): Pick<AttestedPcrs, 'banks' | 'resettable'> {
  const banks = new Map<HashAlgorithm, PcrValues>();
  const resettable = new Map<HashAlgorithm, PcrValues>();
  let offset = 0;
  for (const { bank, pcrs } of selections) {
    const [firm, loose] = [new Map<number, Uint8Array>(), new Map<number, Uint8Array>()];
    for (const pcr of pcrs) {
      const value = joined.subarray(offset, (offset += digestSizes[bank]));
      (resettablePcrs.includes(pcr) ? loose : firm).set(pcr, value);
    }
    if (firm.size > 0) banks.set(bank, firm);
    if (loose.size > 0) resettable.set(bank, loose);
  }
  return { banks, resettable };
}
