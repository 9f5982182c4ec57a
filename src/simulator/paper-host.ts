// A machine that boots on paper: real keys, real structures, real signatures, and no hardware. It has the shape of the
// agent's `AttestingDevice`, so that everything which talks to a TPM can talk to it.
import type { HashAlgorithm } from '../core/crypto/index.ts';
import type { ClaimedPcrs, PcrSelection } from '../core/tpm/index.ts';
import type { SimulatorAuthority } from './authority.ts';
import type { PaperKeyType } from './paper-key.ts';
import type { PaperBoot } from './paper-boot.ts';
import type { Tampering } from './tampering.ts';

export interface PaperHostOptions {
  readonly name: string;
  readonly authority: SimulatorAuthority;
  /** The same seed gives the same P-256 keys and the same serial numbers. The name, unless told. */
  readonly seed?: string;
  readonly ekType?: PaperKeyType;
  readonly akType?: PaperKeyType;
  /** What it boots; an ordinary UEFI, shim, GRUB and Linux boot unless told. */
  readonly boot?: PaperBoot;
  /** A real capture to boot instead of `boot`: its digests are extended as they stand. */
  readonly eventLog?: Uint8Array;
  readonly imaLog?: Uint8Array;
  readonly banks?: readonly HashAlgorithm[];
  readonly tampering?: readonly Tampering[];
}

export interface PaperQuote {
  readonly attest: Uint8Array;
  readonly signature: Uint8Array;
  readonly pcrs: ClaimedPcrs;
}

export interface PaperHost {
  readonly kind: 'simulated';
  readonly name: string;
  readonly tampering: readonly Tampering[];
  ekCertificates(): Promise<{ readonly certificate: Uint8Array | undefined; readonly chain: readonly Uint8Array[] }>;
  ekPublic(): Promise<Uint8Array>;
  akPublic(): Promise<Uint8Array>;
  activate(credentialBlob: Uint8Array, encryptedSecret: Uint8Array): Promise<Uint8Array>;
  quote(qualifyingData: Uint8Array, selections: readonly PcrSelection[]): Promise<PaperQuote>;
  eventLog(): Promise<Uint8Array | undefined>;
  imaLog(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
  /** Power cycle: the reset counter rises, PCRs start again, the boot is measured anew. Replaces what it boots or how it lies. */
  reboot(changes?: { readonly boot?: PaperBoot; readonly tampering?: readonly Tampering[] }): void;
  /** Another way of lying, without a reboot (what was measured at boot stays measured). None: honest from now on. */
  tamper(...tampering: readonly Tampering[]): void;
  /** The same TPM presenting itself under another name. */
  cloneAs(name: string): PaperHost;
}

export function createPaperHost(options: PaperHostOptions): PaperHost {
  throw new TypeError(`not ready: ${options.name}`);
}
