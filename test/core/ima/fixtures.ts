import { readFileSync } from 'node:fs';
import { decodeHex } from '../../../src/core/encoding/index.ts';
import { isHashAlgorithm, type HashAlgorithm } from '../../../src/core/crypto/index.ts';
import type { AttestedPcrs, PcrValues } from '../../../src/core/tpm/index.ts';

const folder = new URL('../../fixtures/lab/boot/', import.meta.url);

export function readBoot(run: string, file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${run}/${file}`, folder)));
}

/** PCR values of a captured boot, typed as if a quote had attested them: these tests are about the list alone. */
export function attestedPcrs(
  run: string,
  banks: readonly HashAlgorithm[] = ['sha1', 'sha256', 'sha384'],
): AttestedPcrs {
  const json = JSON.parse(new TextDecoder().decode(readBoot(run, 'pcrs.json'))) as Record<
    string,
    Record<string, string>
  >;
  const values = Object.entries(json).flatMap(([bank, pcrs]): [HashAlgorithm, PcrValues][] => {
    if (!isHashAlgorithm(bank) || !banks.includes(bank)) return [];
    return [[bank, new Map(Object.entries(pcrs).map(([pcr, hex]) => [Number(pcr), decodeHex(hex)]))]];
  });
  return { banks: new Map(values) } as unknown as AttestedPcrs;
}

/** A copy of the attested values with one of them changed. */
export function withPcr(
  pcrs: AttestedPcrs,
  bank: HashAlgorithm,
  pcr: number,
  value: Uint8Array | undefined,
): AttestedPcrs {
  const values = new Map(pcrs.banks.get(bank));
  if (value === undefined) values.delete(pcr);
  else values.set(pcr, value);
  return { banks: new Map([...pcrs.banks, [bank, values]]) } as unknown as AttestedPcrs;
}
