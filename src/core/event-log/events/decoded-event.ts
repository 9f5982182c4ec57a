// What the data of an event says once it is read. Decoding proves nothing: see `binding.ts` for what a digest covers.
import type { Digest } from '../../crypto/index.ts';

export type DecodedEvent =
  | { readonly kind: 'separator'; readonly value: 'normal' | 'error' | 'vendor' }
  | DecodedVariable
  | DecodedImage
  | DecodedGpt
  | { readonly kind: 'action'; readonly text: string }
  | DecodedIpl
  | { readonly kind: 'tagged'; readonly tag: number; readonly content: Uint8Array; readonly text?: string }
  | { readonly kind: 'firmware-version'; readonly text: string }
  | { readonly kind: 'firmware-blob'; readonly description?: string; readonly base: bigint; readonly length: bigint }
  | { readonly kind: 'tables'; readonly description?: string; readonly guids: readonly string[] }
  | { readonly kind: 'no-action'; readonly signature: string }
  | { readonly kind: 'windows'; readonly measurements: readonly SipaMeasurement[] }
  | { readonly kind: 'text'; readonly text: string };

/** UEFI_VARIABLE_DATA. */
export interface DecodedVariable {
  readonly kind: 'uefi-variable';
  readonly guid: string;
  readonly name: string;
  readonly data: Uint8Array;
}

/** EFI_IMAGE_LOAD_EVENT. No digest covers any of it: the digest is that of the image. */
export interface DecodedImage {
  readonly kind: 'image';
  readonly devicePath: string;
  readonly imageLength: bigint;
}

export interface DecodedGpt {
  readonly kind: 'gpt';
  readonly diskGuid: string;
  readonly partitions: readonly { readonly type: string; readonly guid: string; readonly name: string }[];
}

/** EV_IPL of shim, GRUB, systemd-boot and systemd-stub. `prefix` is never covered by the digest. */
export interface DecodedIpl {
  readonly kind: 'ipl';
  readonly source: 'shim' | 'grub' | 'systemd' | 'other';
  readonly prefix?: 'grub_cmd' | 'kernel_cmdline' | 'module_cmdline';
  readonly text: string;
}

export interface SipaMeasurement {
  readonly id: number;
  readonly name: string;
  readonly value: Uint8Array;
  readonly nested?: readonly SipaMeasurement[];
}

/** EFI_SIGNATURE_LIST, read whole. [UEFI §32.4.1] */
export interface SignatureDatabase {
  readonly entries: readonly SignatureEntry[];
}

export interface SignatureEntry {
  readonly owner: string;
  readonly type: 'x509' | 'sha256' | 'x509-sha256' | 'other';
  readonly typeGuid: string;
  /** DER of the certificate, the hash, or the opaque bytes. */
  readonly data: Uint8Array;
  /** SHA-256 of `data` for a certificate; `data` itself for a SHA-256 hash. */
  readonly sha256: Digest;
}
