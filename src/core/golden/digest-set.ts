// What signed documents say of one measured thing: its value in one or more banks.
import { digestSizes, type HashAlgorithm } from '../crypto/index.ts';
import type { Field } from '../encoding/index.ts';
import type { DigestSet } from './statement.ts';

/** Banks that a signed document may speak of. Two things of one SHA-1 can be made, so SHA-1 is refused in every place. */
export const goldenBanks = ['sha256', 'sha384', 'sha512'] as const satisfies readonly HashAlgorithm[];

/** Reads `{ sha256: HEX, ... }`, with one bank at least.
 * @throws MalformedError with the code of `field` */
export function readDigestSet(field: Field): DigestSet {
  const digests = new Map<HashAlgorithm, Uint8Array>();
  for (const [name, value] of field.entries(goldenBanks.length)) {
    const bank = goldenBanks.find((known) => known === name);
    if (bank === undefined) return field.fail(`digests in ${goldenBanks.join(', ')} only`, 'names another bank');
    digests.set(bank, value.hex(digestSizes[bank]));
  }
  if (digests.size === 0) field.fail('at least one digest', 'is empty');
  return digests;
}
