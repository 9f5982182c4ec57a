// A TPM's statement in the names of the vectors' expectations.
import { encodeHex } from '../../core/encoding/index.ts';
import type { ClaimedAttest } from '../../core/tpm/index.ts';
import { toJson } from '../json.ts';

export function describeAttest(attest: ClaimedAttest): Readonly<Record<string, unknown>> {
  const { type, qualifiedSigner, extraData, clock, firmwareVersion, ...attested } = attest;
  return {
    type,
    qualified_signer: encodeHex(qualifiedSigner),
    extra_data: encodeHex(extraData),
    clock: {
      clock: String(clock.clockMs),
      reset_count: clock.resetCount,
      restart_count: clock.restartCount,
      safe: clock.safe,
    },
    firmware_version: firmwareVersion.toString(16).padStart(16, '0'),
    ...Object.fromEntries(Object.entries(attested).map(([name, value]) => [nameOf(name), describeMember(name, value)])),
  };
}

const otherNames: Readonly<Record<string, string>> = { selections: 'pcr_select', objectName: 'name' };

function nameOf(member: string): string {
  return otherNames[member] ?? member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function describeMember(name: string, value: unknown): unknown {
  if (name !== 'selections' || !Array.isArray(value)) return toJson(value);
  return value.map(({ bank, pcrs }: { bank: string; pcrs: readonly number[] }) => ({ bank, pcrs }));
}
