// The writing side, for the simulator and for tests: crypto-agile logs as firmware writes them. [TCG-PFP §10.2.2]
import type { HashAlgorithm } from '../crypto/index.ts';

export interface EventToEncode {
  readonly pcr: number;
  /** Number of the type: see `eventTypes`. */
  readonly type: number;
  readonly data: Uint8Array;
  /** Digests as they are. Absent: H(data) in every bank, zeros for EV_NO_ACTION. */
  readonly digests?: ReadonlyMap<HashAlgorithm, Uint8Array>;
}

export interface EncodeEventLogOptions {
  readonly banks: readonly HashAlgorithm[];
  /** Written as a StartupLocality record after the Spec ID record when not 0. */
  readonly startupLocality?: 0 | 3;
}

/** A whole log: the Spec ID record, then `events`. */
export function encodeEventLog(events: readonly EventToEncode[], options: EncodeEventLogOptions): Uint8Array {
  throw new TypeError(`not ready: ${events.length} ${options.banks.length}`);
}
