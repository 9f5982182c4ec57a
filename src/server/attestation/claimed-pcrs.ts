// PCR values as they travel and as they are stored: `{ "sha256": { "0": "<hex>" } }`.
import { decodeHex } from '../../core/encoding/index.ts';
import { isHashAlgorithm, type HashAlgorithm } from '../../core/crypto/index.ts';
import type { ClaimedPcrs, PcrValues } from '../../core/tpm/index.ts';

export type WirePcrs = Readonly<Partial<Record<HashAlgorithm, Readonly<Record<string, string>>>>>;

/** What a host claims: as it is kept, and as it is appraised. */
export interface StatedPcrs {
  readonly json: string;
  readonly values: ClaimedPcrs;
}

/** @throws MalformedError where the values are none */
export function statedPcrsOf(wire: WirePcrs): StatedPcrs {
  return { json: JSON.stringify(wire), values: claimedPcrsOf(wire) };
}

function claimedPcrsOf(wire: WirePcrs): ClaimedPcrs {
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
