// Boot epochs: is this the boot we saw last time, a later one, or an earlier one shown again? [TPM2-P1 §36]
import type { ClockInfo } from './attest.ts';

/** What is remembered of the last accepted statement of one attestation key. */
export interface BootState {
  readonly clock: ClockInfo;
  readonly firmwareVersion: bigint;
}

/** `resumed` covers suspend and hibernation; after hibernation the PCRs began anew, so the whole log counts again. */
export type BootEpoch = 'first' | 'same-boot' | 'resumed' | 'rebooted' | 'rolled-back';

const half = 0x80000000;

/** Where `current` stands after `previous`, of the same attestation key. Counters are compared by difference modulo
 * 2^32, because a TPM adds a secret constant per key to them. A crash (`safe` false) is a reboot like any other.
 * `rolled-back` is an old statement, a restored or cloned TPM, or a cleared one: trust ends until somebody looks. */
export function compareBoot(previous: BootState | undefined, current: BootState): BootEpoch {
  if (previous === undefined) return 'first';
  const resets = difference(current.clock.resetCount, previous.clock.resetCount);
  const restarts = difference(current.clock.restartCount, previous.clock.restartCount);
  const later = current.clock.clockMs > previous.clock.clockMs;
  if (resets > half || (resets === 0 && restarts > half)) return 'rolled-back';
  if (resets > 0) {
    // "safe" says that no greater clock was ever reported. We hold a greater one: the statement contradicts itself.
    return current.clock.safe && current.clock.clockMs < previous.clock.clockMs ? 'rolled-back' : 'rebooted';
  }
  if (!later) return 'rolled-back';
  return restarts === 0 ? 'same-boot' : 'resumed';
}

function difference(later: number, earlier: number): number {
  return (later - earlier) >>> 0;
}
