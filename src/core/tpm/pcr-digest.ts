// The digest a quote signs. [TPM2-P1 §17.5, TPM2-P3 §18.4]
import { hash, type HashAlgorithm } from '../crypto/index.ts';
import { concatBytes } from '../encoding/index.ts';
import type { ClaimedPcrs, PcrSelection } from './pcr-selection.ts';

/** H_alg over the values of all selected PCRs: selections in list order, PCRs ascending within each. `alg` is the hash
 * of the signing scheme, not of a bank. Undefined when a selected value is missing: absent is never zero. */
export function pcrDigestOf(
  selections: readonly PcrSelection[],
  values: ClaimedPcrs,
  alg: HashAlgorithm,
): Uint8Array | undefined {
  const joined = joinSelected(selections, values);
  return joined && hash(alg, joined);
}

/** The selected values, one behind the other, as a quote digests them. A copy. Undefined when one is missing. */
export function joinSelected(selections: readonly PcrSelection[], values: ClaimedPcrs): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const { bank, pcrs } of selections) {
    const held = values.get(bank);
    for (const pcr of pcrs) {
      const value = held?.get(pcr);
      if (value === undefined) return undefined;
      parts.push(value);
    }
  }
  return concatBytes(...parts);
}
