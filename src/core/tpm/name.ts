// Names: how a TPM refers to a key without doubt. [TPM2-P1 §16]
import { digestSizes, hash, type HashAlgorithm } from '../crypto/index.ts';
import { concatBytes } from '../encoding/index.ts';
import { algorithmIds, hashFromId, hashOfId } from './algorithms.ts';
import type { TpmPublic } from './public-area.ts';
import { u16 } from './wire.ts';

/** nameAlg || H_nameAlg(TPMT_PUBLIC): two bytes and a digest. The size prefix of a TPM2B_PUBLIC is not hashed. */
export function nameOf(area: Pick<TpmPublic, 'nameAlg' | 'bytes'>): Uint8Array {
  return concatBytes(u16(algorithmIds[area.nameAlg]), hash(area.nameAlg, area.bytes));
}

/** Qualified name of a key below a parent: H(QN(parent) || Name), with the key's own name algorithm. The parent of a
 * primary key is its hierarchy, whose qualified name is the 4-byte handle (`hierarchyHandles`).
 * @throws MalformedError TPM_HASH_UNSUPPORTED */
export function qualifiedNameOf(parent: Uint8Array, name: Uint8Array): Uint8Array {
  const id = name.subarray(0, 2);
  const alg = hashFromId(((id[0] ?? 0) << 8) + (id[1] ?? 0), 'name');
  return concatBytes(id, hash(alg, parent, name));
}

/** The hash a name or qualified name was made with, or undefined when `name` does not have the form of one. */
export function hashOfName(name: Uint8Array): HashAlgorithm | undefined {
  const alg = hashOfId(((name[0] ?? 0) << 8) + (name[1] ?? 0));
  return alg !== undefined && name.length === digestSizes[alg] + 2 ? alg : undefined;
}
