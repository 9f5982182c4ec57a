// The machine of the demonstration: a TPM, and real boots that can be measured into it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttestingDevice } from '../../agent/index.ts';

/** Real measured boots, captured in the project's lab; see `captures/README.md`. */
const captures = {
  good: 'sb-on',
  changedCommandLine: 'cfg-tampered',
  secureBootOff: 'sb-off',
} as const;

export type CaptureName = keyof typeof captures;

export interface DemoMachine {
  /** Where its evidence comes from: goes into the JSON document. */
  readonly tpm: 'swtpm' | 'simulated';
  /** Present since the last boot. */
  readonly device: AttestingDevice;
  /** Roots that vouch for this TPM, PEM. */
  readonly anchors: readonly string[];
  /** Intermediate certificates that the TPM does not carry itself, DER. */
  readonly chain: readonly Uint8Array[];
  /** Power cycle, then a boot with the measurements of a capture. */
  boot(capture: CaptureName): Promise<void>;
  /** TPM2B_PUBLIC of a signing key of the same TPM that is not restricted. */
  unrestrictedKey(): Promise<Uint8Array>;
  close(): Promise<void>;
}

export function capturePath(capture: CaptureName): string {
  return join(import.meta.dirname, 'captures', captures[capture], 'binary_bios_measurements');
}

export function readCapture(capture: CaptureName): Uint8Array {
  return new Uint8Array(readFileSync(capturePath(capture)));
}
