// From a signed digest to PCR values that can be believed. [TPM2-P1 §17]
import { digestSizes, equalInConstantTime, type HashAlgorithm } from '../crypto/index.ts';
import { VerificationError } from '../error.ts';
import { pcrDigestOf } from './pcr-digest.ts';
import type { ClaimedPcrs, PcrSelection, PcrValues } from './pcr-selection.ts';
import type { VerifiedQuote } from './quote.ts';

declare const attestedPcrs: unique symbol;

/** PCR values that a quote proves. Made by `verifyPcrs` only. */
export interface AttestedPcrs {
  readonly [attestedPcrs]: true;
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
  const digest = pcrDigestOf(quote.selections, claimed, quote.digestAlg);
  if (digest === undefined) {
    throw new VerificationError('TPM_PCRS_MISSING', 'a quoted PCR value was not sent');
  }
  if (!equalInConstantTime(digest, quote.pcrDigest)) {
    throw new VerificationError('TPM_PCRS_DIGEST_MISMATCH', 'the PCR values do not give the quoted digest');
  }
  const banks = pick(quote.selections, claimed, (pcr) => !resettablePcrs.includes(pcr));
  if (banks.size === 0) {
    throw new VerificationError('TPM_PCRS_RESETTABLE_ONLY', 'every quoted PCR can be reset by any program');
  }
  const resettable = pick(quote.selections, claimed, (pcr) => resettablePcrs.includes(pcr));
  return { banks, resettable } as AttestedPcrs;
}

function checkSelected(selections: readonly PcrSelection[], claimed: ClaimedPcrs): void {
  for (const [bank, values] of claimed) {
    const selected = selections.find((selection) => selection.bank === bank)?.pcrs ?? [];
    for (const [pcr, value] of values) {
      const at = `pcrs.${bank}.${pcr}`;
      if (!selected.includes(pcr)) {
        throw new VerificationError('TPM_PCRS_UNSELECTED', `PCR ${pcr} of ${bank} is not in the quote`, { at });
      }
      if (value.length !== digestSizes[bank]) {
        throw new VerificationError('TPM_PCRS_SIZE_WRONG', `PCR ${pcr} of ${bank} has ${value.length} bytes`, { at });
      }
    }
  }
}

/** Copies, so that nobody who holds the claimed map can change what was proven. */
function pick(
  selections: readonly PcrSelection[],
  claimed: ClaimedPcrs,
  wanted: (pcr: number) => boolean,
): ReadonlyMap<HashAlgorithm, PcrValues> {
  const banks = new Map<HashAlgorithm, PcrValues>();
  for (const { bank, pcrs } of selections) {
    const values = new Map<number, Uint8Array>();
    for (const pcr of pcrs.filter(wanted)) values.set(pcr, Uint8Array.from(claimed.get(bank)?.get(pcr) ?? []));
    if (values.size > 0) banks.set(bank, values);
  }
  return banks;
}
