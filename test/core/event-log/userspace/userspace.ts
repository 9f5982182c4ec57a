// Userspace logs for the tests: systemd's own, and small ones written by the encoder.
import { readFileSync } from 'node:fs';
import { encodeUserspaceLog, type UserspaceToEncode } from '../../../../src/core/event-log/index.ts';
import type { HashAlgorithm } from '../../../../src/core/crypto/index.ts';

/** What systemd wrote, and the boot of the lab that the TPM held before. */
export const systemdRuns = [
  { run: 'systemd-257', boot: 'uki' },
  { run: 'systemd-262', boot: 'sdboot-uki' },
] as const;

export function readSystemd(run: string, file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../../fixtures/lab/userspace/${run}/${file}`, import.meta.url)));
}

export function measured(
  pcr: number,
  text: string,
  more: Partial<Omit<UserspaceToEncode, 'register' | 'text'>> = {},
): UserspaceToEncode {
  return { register: { kind: 'pcr', index: pcr }, text, eventType: 'phase', ...more };
}

export function userspaceBytes(
  records: readonly UserspaceToEncode[],
  banks: readonly HashAlgorithm[] = ['sha256'],
): Uint8Array {
  return encodeUserspaceLog(records, banks);
}
