// PCR values as they travel and as they are stored: `{ "sha256": { "0": "<hex>" } }`.
import { decodeHex } from '../../core/encoding/index.ts';
import { isHashAlgorithm, type HashAlgorithm } from '../../core/crypto/index.ts';
import type { ClaimedPcrs, PcrValues } from '../../core/tpm/index.ts';

export type WirePcrs = Readonly<Partial<Record<HashAlgorithm, Readonly<Record<string, string>>>>>;

export function claimedPcrsOf(wire: WirePcrs): ClaimedPcrs {
  const banks = new Map<HashAlgorithm, PcrValues>();
  for (const [bank, values] of Object.entries(wire)) {
    if (!isHashAlgorithm(bank)) continue;
    const read = new Map<number, Uint8Array>();
    for (const [pcr, value] of Object.entries(values)) read.set(Number(pcr), decodeHex(value));
    banks.set(bank, read);
  }
  return banks;
}

/** Reads what `JSON.stringify` of the wire form was stored as. */
export function readClaimedPcrs(json: string): ClaimedPcrs {
  return claimedPcrsOf(JSON.parse(json) as WirePcrs);
}
