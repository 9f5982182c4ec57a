// What an IMA list does to a PCR. [LINUX security/integrity/ima/ima_queue.c]
import { concatBytes } from '../encoding/index.ts';
import { digestSizes, hash, type HashAlgorithm } from '../crypto/index.ts';
import type { ImaEntry } from './parse.ts';

/** What a kernel extends into a bank for an entry: the bank's own hash of the template data, or the SHA-1 template digest
 * padded with zeros. */
export type ReplayMode = 'native' | 'padded-sha1';

/** How one kernel extends one bank. It never changes between two entries of a boot. */
export interface KernelReplay {
  readonly mode: ReplayMode;
  /** How many bytes of ones a violation extends: as many as the bank's digest has, or the 20 of SHA-1, padded with zeros. */
  readonly violationSize: 'bank' | 'sha1';
}

/** Every way in which kernels extend, newest first. */
export const kernelReplays: readonly KernelReplay[] = [
  // 5.8 and later.
  { mode: 'native', violationSize: 'bank' },
  // 5.8 and later, into a bank whose hash the kernel has not loaded (captured: lab boot ima-violation, bank sha384).
  { mode: 'padded-sha1', violationSize: 'bank' },
  // Before 5.8: one SHA-1 value for all banks, and 20 bytes of ones for a violation.
  { mode: 'padded-sha1', violationSize: 'sha1' },
];

/** Value that `entry` extends into a bank. A violation extends ones instead of its digest, which nothing in the list leads to:
 * no verifier can pass over it. */
export function extendedValue(entry: ImaEntry, bank: HashAlgorithm, { mode, violationSize }: KernelReplay): Uint8Array {
  if (entry.violation) {
    const ones = violationSize === 'bank' ? digestSizes[bank] : digestSizes.sha1;
    return new Uint8Array(digestSizes[bank]).fill(0xff, 0, ones);
  }
  if (mode === 'padded-sha1') {
    const value = new Uint8Array(digestSizes[bank]);
    value.set(entry.templateDigest.length === 20 ? entry.templateDigest : hash('sha1', entry.templateData));
    return value;
  }
  // The digest column is what was extended into its own bank; it is compared with the data elsewhere.
  return bank === 'sha1' && entry.templateDigest.length === 20 ? entry.templateDigest : hash(bank, entry.templateData);
}

/** Replays the entries of one PCR from `start` (all zero at boot), violations as kernels from 5.8 on extend them. */
export function replayImaEntries(input: {
  readonly entries: readonly ImaEntry[];
  readonly pcr: number;
  readonly bank: HashAlgorithm;
  readonly mode?: ReplayMode;
  readonly start?: Uint8Array;
}): Uint8Array {
  const kernel: KernelReplay = { mode: input.mode ?? 'native', violationSize: 'bank' };
  let value = input.start ?? new Uint8Array(digestSizes[input.bank]);
  for (const entry of input.entries) {
    if (entry.pcr === input.pcr) value = extend(input.bank, value, extendedValue(entry, input.bank, kernel));
  }
  return value;
}

/** The value after each entry that extends `pcr`, in order. */
export function replayImaPrefixes(input: {
  readonly entries: readonly ImaEntry[];
  readonly pcr: number;
  readonly bank: HashAlgorithm;
  readonly kernel: KernelReplay;
}): readonly Uint8Array[] {
  let value: Uint8Array = new Uint8Array(digestSizes[input.bank]);
  return input.entries
    .filter(({ pcr }) => pcr === input.pcr)
    .map((entry) => (value = extend(input.bank, value, extendedValue(entry, input.bank, input.kernel))));
}

/** PCR := H(PCR || value). [TPM2-P1 §17.2] */
export function extend(bank: HashAlgorithm, value: Uint8Array, extension: Uint8Array): Uint8Array {
  return hash(bank, concatBytes(value, extension));
}
