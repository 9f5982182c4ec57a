// What operators sign when hosts must be admitted although no golden measurement accepts what they booted. docs/decisions/0018
import type { Finding } from '../verdict/index.ts';

export const breakGlassType = 'https://touchstone.dev/break-glass/v1';
/** Part of what is signed: a signature over a golden measurement or a deny list is none over this. [DSSE] */
export const breakGlassPayloadType = 'application/vnd.touchstone.break-glass+json';

/**
 * Every finding that may be excused: the boot is proved, unchanged since operators looked at it, and matches no golden measurement.
 * An allow-list: a finding that is added later is not excused until somebody thinks about it. None of layer secure-boot is: which keys
 * may let images run, and whether anything asks for them, is what the other layers rest on. And none of layer runtime: what runs goes on to
 * change, and a statement is about one boot.
 */
export const excusable = [
  'LAYER_GOLDEN_NONE',
  'LAYER_GOLDEN_NOT_VALID',
  'LAYER_GOLDEN_BANK_MISSING',
  'FIRMWARE_DIVERGED',
  'BOOT_LOADER_DIVERGED',
  'KERNEL_DIVERGED',
  'KERNEL_COMMAND_LINE_DIVERGED',
  'INITRD_DIVERGED',
] as const;

export type Excusable = (typeof excusable)[number];

/** The code of a finding that may be excused. */
export function excusableCode({ code, layer }: Pick<Finding, 'code' | 'layer'>): Excusable | undefined {
  return layer === 'secure-boot' || layer === 'runtime' ? undefined : excusable.find((each) => each === code);
}

export interface BreakGlass {
  readonly issuedAt: Date;
  /** From then on it excuses nothing. A server may end it sooner. */
  readonly until: Date;
  /** The status that the hosts are admitted with. */
  readonly status: 'affirming' | 'warning';
  readonly reason: string;
  /** Reference to the incident, as operators keep it. */
  readonly ticket: string;
  /** A host with any other finding that denies is not excused. */
  readonly excuses: readonly Excusable[];
  readonly hosts: readonly BoundHost[];
}

/** One boot of one machine: no other boot, no other machine of that name. */
export interface BoundHost {
  readonly id: string;
  /** Hex SHA-256 of the endorsement key's SubjectPublicKeyInfo. */
  readonly ek: string;
  readonly resetCount: number;
  readonly restartCount: number;
  /** Hex SHA-256 of the boot log. */
  readonly eventLog: string;
}
