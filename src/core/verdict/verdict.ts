// The attestation result, as appraisal makes it and storage keeps it: plain data, the same bytes for the same inputs.
import type { Finding } from './finding.ts';
import type { TrustStatus, TrustVector } from './trust-vector.ts';

/** How this boot relates to the last one that was accepted. */
export type BootEpoch = 'first' | 'same-boot' | 'resumed' | 'rebooted' | 'rolled-back';

/** The TPM's own count of power cycles, as the signed quote states it. */
export interface VerdictBoot {
  readonly epoch: BootEpoch;
  readonly resetCount: number;
  readonly restartCount: number;
  /** Milliseconds, as text: u64. */
  readonly clockMs: string;
}

/** A bounded promise about one host. It is true from `issuedAt` until `expiresAt`, for this boot, and not a moment longer. */
export interface Verdict {
  readonly host: string;
  readonly status: TrustStatus;
  readonly vector: TrustVector;
  readonly findings: readonly Finding[];
  /** Layer -> id of the golden measurement it matched. */
  readonly layers: Readonly<Record<string, string>>;
  /** Absent when no policy applied: such a verdict is never affirming. */
  readonly policy?: { readonly id: string; readonly version: number };
  /** Absent when the quote did not verify: nothing was read from it. */
  readonly boot?: VerdictBoot;
  /** SHA-256 of TPMS_ATTEST, hexadecimal. */
  readonly evidenceDigest: string;
  /** SHA-256 of the event log, hexadecimal. */
  readonly eventLogDigest?: string;
  /** ISO 8601, UTC. */
  readonly issuedAt: string;
  readonly expiresAt: string;
}
