// The attestation result: a bounded promise about one boot of one host. [RFC9334 §8.4]
import type { Finding } from './finding.ts';
import type { TrustStatus, TrustVector } from './trust-vector.ts';

export type BootEpoch = 'first' | 'same-boot' | 'resumed' | 'rebooted' | 'rolled-back';

/** The boot the verdict speaks of: another counter is another boot, and this verdict says nothing about it. */
export interface VerdictBoot {
  readonly resetCount: number;
  readonly restartCount: number;
  /** TPM clock in milliseconds, as decimal text: it has 64 bits. */
  readonly clockMs: string;
  readonly epoch: BootEpoch;
}

export interface VerdictPolicy {
  readonly id: string;
  readonly version: number;
}

/** What the server believes of a host and until when. Plain data, so that equal verdicts are equal bytes. */
export interface Verdict {
  readonly host: string;
  /** Never better than the worst claim of `vector`. Admission reads this and `expiresAt`. */
  readonly status: TrustStatus;
  readonly vector: TrustVector;
  readonly findings: readonly Finding[];
  /** Layer -> id of the golden measurement it matched. */
  readonly layers: Readonly<Record<string, string>>;
  /** Ids of golden measurements beside those of `layers` that the verdict rests on: those of layer `runtime` compose. To
   * revoke one is to void the verdict. */
  readonly furtherGoldens?: readonly string[];
  /** Absent when no policy applied: such a verdict is never affirming. */
  readonly policy?: VerdictPolicy;
  /** Absent when no quote was verified. */
  readonly boot?: VerdictBoot;
  /** Hex SHA-256 of the TPMS_ATTEST. */
  readonly evidenceDigest: string;
  /** Hex SHA-256 of the event log. */
  readonly eventLogDigest?: string;
  /** When the challenge was drawn that the quote answers. The host may have been in the proven state at any time since then, so `expiresAt`
   * counts from here. ISO 8601, UTC, as the two below. */
  readonly challengedAt: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
}

/** Every golden measurement that the verdict rests on. */
export function goldensOf({
  layers,
  furtherGoldens = [],
}: Pick<Verdict, 'layers' | 'furtherGoldens'>): readonly string[] {
  return [...Object.values(layers), ...furtherGoldens];
}

/** Those that one layer rests on: one, but for layer `runtime`, where several compose. */
export function goldensOfLayer(
  { layers, furtherGoldens = [] }: Pick<Verdict, 'layers' | 'furtherGoldens'>,
  layer: string,
): readonly string[] {
  const first = layers[layer];
  if (first === undefined) return [];
  return layer === 'runtime' ? [first, ...furtherGoldens] : [first];
}
