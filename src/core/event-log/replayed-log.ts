// A log whose replay was compared with attested register values. The brand can only be made by `verifyEventLog`.
import type { Digest, HashAlgorithm } from '../crypto/index.ts';
import type { PcrValues } from '../tpm/index.ts';
import type { AppliedQuirk, RegisterModel, StartupLocality } from './claimed-log.ts';
import type { DecodedEvent } from './decoded-event.ts';
import type { Layer } from './layer.ts';

/** `bound`: replay equals the attested value. `unlogged`: attested, and the log never extends it. */
export type PcrStatus = 'bound' | 'mismatch' | 'unlogged';

/** An event whose digest is part of a replay. */
export interface BoundEvent {
  readonly index: number;
  readonly pcr: number;
  readonly digest: Digest;
  /** The digest, recomputed in every bank that is used, covers the event's data (or `boundContent` of it). */
  readonly dataBound: boolean;
  /** The bytes that the digest covers, where `dataBound`. */
  readonly boundContent?: Uint8Array;
  readonly layer: Layer | undefined;
  /** Printable; begins with `(unverified) ` where the digest does not cover what it says. */
  readonly description: string;
  readonly decoded?: DecodedEvent;
  readonly untrustedType: number;
  readonly untrustedTypeName: string;
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

declare const proven: unique symbol;

export interface ReplayedLog extends AnnotatedLog {
  readonly [proven]: true;
  /** The strongest attested bank that the log carries whole. */
  readonly bank: HashAlgorithm;
  readonly pcrs: ReadonlyMap<number, PcrStatus>;
  readonly attested: PcrValues;
  /** Only events of bound PCRs. */
  readonly events: readonly BoundEvent[];
}
