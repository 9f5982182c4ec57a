// Digests of one thing in a CoRIM, by algorithm.
import { VerificationError } from '../error.ts';
import type { DigestSet } from '../golden/index.ts';
import type { ClaimedDigest } from './claimed-corim.ts';

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
