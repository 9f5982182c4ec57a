// TPM_ALG_ID of the hashes that a log can carry. [TPM2-P2 §6.3]
import type { HashAlgorithm } from '../../crypto/index.ts';

export const hashIdentifiers: Readonly<Record<HashAlgorithm, number>> = {
  sha1: 0x0004,
  sha256: 0x000b,
  sha384: 0x000c,
  sha512: 0x000d,
};

const byIdentifier: ReadonlyMap<number, HashAlgorithm> = new Map([
  [0x0004, 'sha1'],
  [0x000b, 'sha256'],
  [0x000c, 'sha384'],
  [0x000d, 'sha512'],
]);

/** Undefined for what no verdict may rest on (SM3, SHA-3...): such digests are skipped by their announced size. */
export function hashByIdentifier(id: number): HashAlgorithm | undefined {
  return byIdentifier.get(id);
}

/** A bank that is replayed for people to see, and never compared with an attested value: SM3, in machines of China. */
export type ForeignBank = 'sm3_256';

export const foreignIdentifiers: Readonly<Record<ForeignBank, number>> = { sm3_256: 0x0012 };

/** Strongest first. */
export const banksByStrength: readonly HashAlgorithm[] = ['sha512', 'sha384', 'sha256', 'sha1'];
