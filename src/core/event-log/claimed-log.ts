// What a boot log says, before anything of it is proved. Every byte here was written, or can be rewritten, by the host.
// [TCG-PFP §10], [TCG-CEL]
import type { HashAlgorithm } from '../crypto/index.ts';
import type { ForeignBank } from './formats/hash-identifiers.table.ts';
import type { QuirkId } from './formats/quirks.table.ts';
import type { UserspaceContent } from './userspace/userspace-log.ts';

export type EventLogFormat = 'crypto-agile' | 'sha1' | 'cel-json' | 'cel-cbor' | 'cel-tlv';

/** `tpm`: the index is a PCR. `confidential-guest`: it is a measurement register, 0 = MRTD, 1..4 = RTMR 0..3. */
export type RegisterModel = 'tpm' | 'confidential-guest';

/** One record of a log. Only the digests are ever bound, and only once the replay of their PCR equals an attested value. */
export interface LogEvent {
  /** Position in the log, from 0; a Spec ID record counts. Records of a userspace log go on counting. */
  readonly index: number;
  /** Register the record claims. EV_NO_ACTION may carry any number here, 0xFFFFFFFF too: never an array subscript. */
  readonly pcr: number;
  /** Not covered by any digest: an attacker can write any type beside any digest. */
  readonly untrustedType: number;
  /** Name of the kind of record, where it is not firmware's and has no type of firmware's table: see `typeNameOf`. */
  readonly untrustedKind?: string;
  readonly digests: ReadonlyMap<HashAlgorithm, Uint8Array>;
  /** Digests of banks that are only shown. Absent where the record has none. */
  readonly foreignDigests?: ReadonlyMap<ForeignBank, Uint8Array>;
  /** Covered by the digest for some types only, and only where `readBinding` recomputed it. */
  readonly untrustedData: Uint8Array;
  /** Byte offset of the record in the input. */
  readonly offset: number;
  /** What the running system wrote beside a measurement of its own. Absent in what firmware logged. */
  readonly userspace?: UserspaceContent;
}

/** TCG_EfiSpecIdEvent. Unauthenticated: its digest sizes are believed only where they equal the algorithm's. */
export interface SpecId {
  readonly signature: string;
  readonly platformClass: number;
  readonly versionMinor: number;
  readonly versionMajor: number;
  readonly errata: number;
  readonly uintnSize: number;
  readonly algorithms: readonly { readonly id: number; readonly digestSize: number }[];
  readonly vendorInfo: Uint8Array;
}

/** A row of `quirks.table.ts` that this log made us apply. Goes into the verdict. */
export interface AppliedQuirk {
  readonly id: QuirkId;
  /** What was seen, in words that are safe to print. */
  readonly detail: string;
  readonly event?: number;
}

export interface ClaimedEventLog {
  readonly format: EventLogFormat;
  readonly registers: RegisterModel;
  /** Banks in which every extended record carries a digest: the only ones a replay means something in. */
  readonly banks: readonly HashAlgorithm[];
  /** Banks that the log announces, whether or not each record carries them. */
  readonly announcedBanks: readonly HashAlgorithm[];
  /** Announced banks that are only shown: `replayForeignBank`. */
  readonly foreignBanks: readonly ForeignBank[];
  readonly events: readonly LogEvent[];
  readonly specId?: SpecId;
  /** What PCR 0 starts from, as claimed: proved only by the replay of PCR 0. 4 = an H-CRTM measured before startup. */
  readonly startupLocality: StartupLocality | undefined;
  readonly quirks: readonly AppliedQuirk[];
}

export type StartupLocality = 0 | 3 | 4;

export interface ParseEventLogOptions {
  /** Bytes the log may have; 4 MiB unless told. */
  readonly maxBytes?: number;
  readonly maxEvents?: number;
}
