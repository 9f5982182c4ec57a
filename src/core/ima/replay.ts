// What an IMA list does to a PCR. [LINUX security/integrity/ima/ima_queue.c]
import { concatBytes } from '../encoding/index.ts';
import { digestSizes, hash, type HashAlgorithm } from '../crypto/index.ts';
import type { ImaEntry } from './parse.ts';

/** How a kernel extends a bank: with the bank's own hash of the template data (5.8 and later), or with the SHA-1
 * template digest padded with zeros (older kernels, or a bank whose hash the kernel cannot compute). Never mixed. */
export type ReplayMode = 'native' | 'padded-sha1';

/** Value that `entry` extends into a bank. Violations extend all ones, so that nothing can be hidden behind them. */
export function extendedValue(entry: ImaEntry, bank: HashAlgorithm, mode: ReplayMode): Uint8Array {
  // A violation extends all ones of the bank's size in both modes (captured: lab boot ima-violation, bank sha384).
  if (entry.violation) return new Uint8Array(digestSizes[bank]).fill(0xff);
  if (mode === 'padded-sha1') {
    const value = new Uint8Array(digestSizes[bank]);
    value.set(entry.templateDigest.length === 20 ? entry.templateDigest : hash('sha1', entry.templateData));
    return value;
  }
  // The digest column is what was extended into its own bank; it is compared with the data elsewhere.
  return bank === 'sha1' && entry.templateDigest.length === 20 ? entry.templateDigest : hash(bank, entry.templateData);
}

/** Replays the entries of one PCR from `start` (all zero at boot). */
export function replayImaEntries(input: {
  readonly entries: readonly ImaEntry[];
  readonly pcr: number;
  readonly bank: HashAlgorithm;
  readonly mode?: ReplayMode;
  readonly start?: Uint8Array;
}): Uint8Array {
  const mode = input.mode ?? 'native';
  let value = input.start ?? new Uint8Array(digestSizes[input.bank]);
  for (const entry of input.entries) {
    if (entry.pcr === input.pcr) value = extend(input.bank, value, extendedValue(entry, input.bank, mode));
  }
  return value;
}

/** The value after each entry that extends `pcr`, in order. */
export function replayImaPrefixes(input: {
  readonly entries: readonly ImaEntry[];
  readonly pcr: number;
  readonly bank: HashAlgorithm;
  readonly mode: ReplayMode;
}): readonly Uint8Array[] {
  let value: Uint8Array = new Uint8Array(digestSizes[input.bank]);
  return input.entries
    .filter(({ pcr }) => pcr === input.pcr)
    .map((entry) => (value = extend(input.bank, value, extendedValue(entry, input.bank, input.mode))));
}

/** PCR := H(PCR || value). [TPM2-P1 §17.2] */
export function extend(bank: HashAlgorithm, value: Uint8Array, extension: Uint8Array): Uint8Array {
  return hash(bank, concatBytes(value, extension));
}
