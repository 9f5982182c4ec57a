// TPM_ALG_ID of the hashes that a log can carry. [TPM2-P2 §6.3]
import type { HashAlgorithm } from '../../crypto/index.ts';
import { algorithmIds } from '../../tpm/index.ts';

const { sha1, sha256, sha384, sha512 } = algorithmIds;

export const hashIdentifiers: Readonly<Record<HashAlgorithm, number>> = { sha1, sha256, sha384, sha512 };

const byIdentifier: ReadonlyMap<number, HashAlgorithm> = new Map([
  [sha1, 'sha1'],
  [sha256, 'sha256'],
  [sha384, 'sha384'],
  [sha512, 'sha512'],
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
