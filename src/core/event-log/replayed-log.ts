// A log whose replay was compared with attested register values. The brand can only be made by `verifyEventLog`.
import type { Digest, HashAlgorithm } from '../crypto/index.ts';
import type { PcrValues } from '../tpm/index.ts';
import type { AppliedQuirk, RegisterModel, StartupLocality } from './claimed-log.ts';
import type { Coverage } from './events/coverage.table.ts';
import type { DecodedEvent } from './events/decoded-event.ts';
import type { EventOrigin } from './event-origin.ts';
import type { UserspaceOutcome } from './userspace/explain-userspace.ts';
import type { Layer } from './layer.ts';
import type { UserspaceMeasurement } from './userspace/userspace-measurement.ts';

/** `bound`: the replay equals the attested value; a register that the log never extends and that was never extended is
 * bound too. `unlogged`: it was extended, and the log does not say with what. */
export type PcrStatus = 'bound' | 'mismatch' | 'unlogged';

/** An event whose digest is part of a replay. */
export interface BoundEvent {
  readonly index: number;
  readonly pcr: number;
  readonly digest: Digest;
  /** The digest, recomputed in every bank that is used, covers the event's data (or `boundContent` of it). */
  readonly dataBound: boolean;
  /** Which bytes those are. `whole`: the event data as it stands, nothing outside it and nothing left over. */
  readonly coverage?: Coverage | undefined;
  /** The bytes that the digest covers, where `dataBound`. */
  readonly boundContent?: Uint8Array | undefined;
  readonly layer: Layer | undefined;
  /** Printable; begins with `(unverified) ` where the digest does not cover what it says. */
  readonly description: string;
  readonly decoded?: DecodedEvent | undefined;
  readonly untrustedType: number;
  readonly untrustedTypeName: string;
  /** Who measured it, told by register and order; not attested. */
  readonly untrustedOrigin?: EventOrigin | undefined;
  /** What systemd measured, where the digest proves it. */
  readonly measurement?: UserspaceMeasurement | undefined;
}

/** A log with each event read and its binding recomputed. Says nothing about any machine: use for inspection. */
export interface AnnotatedLog {
  readonly bank: HashAlgorithm;
  readonly registers: RegisterModel;
  readonly events: readonly BoundEvent[];
  readonly replayed: PcrValues;
  readonly startupLocality: StartupLocality | undefined;
  readonly quirks: readonly AppliedQuirk[];
}

export interface ReplayFindings extends AnnotatedLog {
  /** The strongest attested bank that the log carries whole. */
  readonly bank: HashAlgorithm;
  /** Every attested PCR of that bank. */
  readonly pcrs: ReadonlyMap<number, PcrStatus>;
  readonly attested: PcrValues;
  /** Only events of bound PCRs. */
  readonly events: readonly BoundEvent[];
  /** Present when a userspace log was given. */
  readonly userspace?: UserspaceOutcome;
}

declare const proven: unique symbol;

/** Made by `verifyEventLog` only. */
export interface ReplayedLog extends ReplayFindings {
  readonly [proven]: true;
}
