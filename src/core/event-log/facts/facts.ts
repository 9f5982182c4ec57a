// What a boot was, read from bound bytes only. A label that an attacker can change never makes a fact better.
import type { Digest } from '../../crypto/index.ts';
import type { SignatureDatabase, SignatureEntry } from '../events/decoded-event.ts';
import type { HardeningName } from './hardening.table.ts';

/** A value with the index of the event that proves it; `undefined` where it rests on the absence of an event. */
export interface Fact<T> {
  readonly value: T;
  readonly event: number | undefined;
}

export type SecureBootState = 'enabled' | 'disabled' | 'unknown';

export interface BootFacts {
  readonly secureBoot: Fact<SecureBootState>;
  readonly signatureDatabases: Readonly<Partial<Record<SignatureDatabaseName, Fact<SignatureDatabase>>>>;
  /** Absent where firmware does not tell: an empty PK is setup mode, the rest is measured by newer firmware only. */
  readonly secureBootMode?: Fact<'setup' | 'audit' | 'deployed' | 'user'>;
  /** Certificates whose own text says that they must not be shipped (PKfail). Absent where PK, KEK or db is unknown. */
  readonly testKeys?: readonly Fact<{ readonly database: SignatureDatabaseName; readonly sha256: Digest }>[];
  /** Signatures that let an image run, as firmware and shim recorded them in PCR 7. */
  readonly authorities: readonly Fact<Authority>[];
  /** Events of PCR 7 whose measured bytes are not in the log: any of them may be a further authority. */
  readonly unreadSecureBootEvents: readonly number[];
  /** Authenticode digests of the applications that firmware started (PCR 4), in order. */
  readonly bootApplications: readonly Fact<Digest>[];
  /** Digests of option ROM and other drivers (PCR 2). */
  readonly drivers: readonly Fact<Digest>[];
  /** What the boot loader says it handed to the kernel; absent where the log has it not, or has several. Whoever pins
   * neither the boot loader nor the kernel by digest should not rest on it. */
  readonly kernelCommandLine?: Fact<string>;
  readonly shim: ShimFacts;
  readonly debugMode: Fact<boolean | 'unknown'>;
  /** `disabled` and `thunderbolt-open` (every device is let in) where firmware said so; silence is `not-reported`. */
  readonly dmaProtection: Fact<'disabled' | 'thunderbolt-open' | 'not-reported' | 'unknown'>;
  readonly exitBootServices: Fact<'success' | 'failure' | 'not-logged' | 'unknown'>;
  readonly separators: Fact<'complete' | 'missing' | 'error' | 'unknown'>;
  readonly firmwareVersion?: FirmwareVersion;
  readonly bootOrder?: Fact<readonly number[]>;
  readonly bootEntries: readonly Fact<BootEntry>[];
  readonly partitionTable?: Fact<PartitionTable>;
  readonly grub: GrubFacts;
  /** What systemd-stub measured of the image that carries it. */
  readonly unifiedKernelImage: readonly Fact<UkiSection>[];
  /** loader.conf, as systemd-boot read it. */
  readonly loaderConfiguration?: Fact<Digest>;
  /** Initial RAM disks, as the boot loader read them, the kernel loaded them, or an image carries them. */
  readonly initrds: readonly Fact<LoadedInitrd>[];
  readonly bootPhases: readonly Fact<string>[];
  /** By name, for policies: see `hardening.table.ts`. */
  readonly hardening: Readonly<Record<HardeningName, HardeningFact>>;
}

export interface FirmwareVersion extends Fact<string> {
  /** Every event before it shows what was measured, so no other text of the firmware can be the version. */
  readonly isFirst: boolean;
}

export interface HardeningFact extends Fact<HardeningState> {
  /** What stands in the command line and switches it on or off. */
  readonly word?: string;
}

/** `default`: the command line is known and silent about it. */
export type HardeningState = 'on' | 'off' | 'default' | 'unknown';

export type SignatureDatabaseName = 'PK' | 'KEK' | 'db' | 'dbx' | 'dbt' | 'dbr';

export interface Authority {
  /** Variable that held the signature: `db`, `MokListRT`, `Shim`, `vendor_db`... */
  readonly source: string;
  readonly signature?: SignatureEntry;
}

export interface PartitionTable {
  readonly diskGuid: string;
  readonly partitions: readonly { readonly type: string; readonly guid: string; readonly name: string }[];
}

export interface LoadedInitrd {
  readonly untrustedSource: 'boot-loader' | 'kernel' | 'unified-kernel-image';
  readonly untrustedPath: string;
  readonly digest: Digest;
}

export interface ShimFacts {
  readonly sbatLevel?: Fact<SbatLevel> | undefined;
  /** Validation by shim. It measures MokSBState only where somebody set it: silence is `not-reported`. */
  readonly mokSbState: Fact<'enabled' | 'disabled' | 'not-reported' | 'unknown'>;
  /** PCR 14 variables by name (the name is not covered; the digest is). */
  readonly mokLists: readonly Fact<{ readonly untrustedName: string; readonly digest: Digest }>[];
}

/** Generations below which shim refuses a component. See SBAT.md of shim. */
export interface SbatLevel {
  /** `YYYYMMDDnn` of the header line. */
  readonly date: string;
  readonly generations: Readonly<Record<string, number>>;
  readonly text: string;
}

export interface BootEntry {
  /** The variable's name is covered only where the whole structure is: `undefined` elsewhere. */
  readonly name: string | undefined;
  readonly description: string;
  readonly devicePath: string;
}

export interface GrubFacts {
  readonly commands: readonly Fact<string>[];
  readonly files: readonly Fact<{ readonly untrustedPath: string; readonly digest: Digest }>[];
}

export interface UkiSection {
  readonly name: string;
  readonly digest: Digest;
}
