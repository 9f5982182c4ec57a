// Digests of one thing in a CoRIM, by algorithm.
import type { HashAlgorithm } from '../crypto/index.ts';
import { VerificationError } from '../error.ts';
import type { DigestSet } from '../golden/index.ts';
import type { ClaimedDigest } from './claimed-corim.ts';

/** As the Named Information registry has them, whose numbers are not those of COSE. [RFC6920 §9.4] */
const registered = [
  { alg: 'sha256', id: 1, name: 'sha-256' },
  { alg: 'sha384', id: 7, name: 'sha-384' },
  { alg: 'sha512', id: 8, name: 'sha-512' },
] as const;

/** The hash of a number, or of a name in lower case. Undefined where it is none that is known here. */
export function registeredHash(called: number | string): HashAlgorithm | undefined {
  return registered.find(({ id, name }) => id === called || name === called)?.alg;
}

/** Undefined where the registry has none, as for SHA-1. */
export function registeredId(alg: HashAlgorithm): number | undefined {
  return registered.find((one) => one.alg === alg)?.id;
}

/** The digests of the algorithms that are known here.
 * @throws VerificationError CORIM_UNSUPPORTED for two values in one bank, which no register can have at once */
export function digestSetOf(digests: readonly ClaimedDigest[]): DigestSet {
  const set = new Map<NonNullable<ClaimedDigest['alg']>, Uint8Array>();
  for (const { alg, value } of digests) {
    if (alg === undefined) continue;
    if (set.has(alg)) throw new VerificationError('CORIM_UNSUPPORTED', `two digests of ${alg} for one register`);
    set.set(alg, value);
  }
  if (set.size === 0) throw new VerificationError('CORIM_UNSUPPORTED', 'no digest of an algorithm that is known here');
  return set;
}
