// Attestation keys that were verified once. To read one costs more than the signature that is checked with it.
import { encodeHex } from '../encoding/index.ts';
import { verifyAttestationKey, type AttestationKey } from './attestation-key.ts';

/** May forget anything at any time. */
export interface KeyMemory {
  get(area: string): AttestationKey | undefined;
  set(area: string, key: AttestationKey): void;
}

/** As `verifyAttestationKey`, and the same answer, with or without a memory: what it says follows from the bytes alone, and
 * all of them are the name under which it is remembered. Refusals are not remembered.
 * @throws as verifyAttestationKey */
export function recallAttestationKey(publicArea: Uint8Array, memory: KeyMemory): AttestationKey {
  const name = encodeHex(publicArea);
  const known = memory.get(name);
  if (known !== undefined) return known;
  // Of a copy: a key looks at its bytes, and those of the caller may change.
  const key = verifyAttestationKey(Uint8Array.from(publicArea));
  memory.set(name, key);
  return key;
}
