// What the system of a paper host measures once it runs, as systemd does on a host that booted a unified kernel, and the log
// it keeps of that.
import { hashText, type HashAlgorithm } from '../core/crypto/index.ts';
import { encodeUserspaceLog, type UserspaceToEncode } from '../core/event-log/index.ts';
import type { Tampering } from './tampering.ts';

export const ordinaryUserspace: readonly UserspaceToEncode[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14].map((pcr) => record(pcr, 'os-separator', 'os-separator')),
  record(11, 'enter-initrd', 'phase'),
  record(9, 'nvpcr-separator', 'nvpcr-separator'),
  record(11, 'leave-initrd', 'phase'),
  record(11, 'sysinit', 'phase'),
  record(15, 'machine-id:4c64afae1f2c4f6e8a3b5d7e9f012345', 'machine-id'),
  record(11, 'ready', 'phase'),
];

/** A digest that nobody writes down. */
export function digestsByHand(banks: readonly HashAlgorithm[]): ReadonlyMap<HashAlgorithm, Uint8Array> {
  return new Map(banks.map((bank) => [bank, hashText(bank, 'extended by hand')]));
}

/** The log a host sends of what its system measured; absent where it measured nothing. */
export function writeUserspaceLog(
  measured: readonly UserspaceToEncode[],
  banks: readonly HashAlgorithm[],
  tampering: readonly Tampering[],
): Uint8Array | undefined {
  if (measured.length === 0 || tampering.includes('no-userspace-log')) return undefined;
  const isFalse = tampering.includes('false-userspace-record');
  const told = isFalse ? measured.map((each) => ({ ...each, text: each.text.replace('ready', 'final') })) : measured;
  return encodeUserspaceLog(told, banks);
}

function record(pcr: number, text: string, eventType: string): UserspaceToEncode {
  return { register: { kind: 'pcr', index: pcr }, text, eventType };
}
