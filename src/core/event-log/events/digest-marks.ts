// Events that are told by their digest, whatever type they claim: their measured bytes are constants.
import { hash, type Digest } from '../../crypto/index.ts';
import { bytesEqual, encodeUtf8 } from '../../encoding/index.ts';
import { errorSeparator } from './coverage.table.ts';
import { exitBootServicesActions } from '../exit-boot-services.ts';
import { banksByStrength } from '../formats/hash-identifiers.table.ts';

/** Names by digest, in every bank: a constant table, not a cache. */
export type DigestNames<Name extends string> = (digest: Digest) => Name | undefined;

export function createDigestNames<Name extends string>(
  constants: readonly (readonly [Name, Uint8Array])[],
): DigestNames<Name> {
  const table = new Map<number, NamedDigest<Name>[]>();
  for (const alg of banksByStrength) {
    for (const [name, bytes] of constants) {
      const value = hash(alg, bytes);
      table.set(firstWord(value), [...(table.get(firstWord(value)) ?? []), { name, alg, value }]);
    }
  }
  return (digest) => {
    const candidates = table.get(firstWord(digest.value));
    return candidates && nameAmong(candidates, digest);
  };
}

interface NamedDigest<Name> extends Digest {
  readonly name: Name;
}

function nameAmong<Name>(candidates: readonly NamedDigest<Name>[], { alg, value }: Digest): Name | undefined {
  return candidates.find((candidate) => candidate.alg === alg && bytesEqual(candidate.value, value))?.name;
}

/** The key of the table: four bytes are enough to see that a digest is none of the constants, as nearly all are. */
function firstWord(value: Uint8Array): number {
  return ((value[0] ?? 0) << 24) | ((value[1] ?? 0) << 16) | ((value[2] ?? 0) << 8) | (value[3] ?? 0);
}

export type DigestMark =
  | 'separator'
  | 'error-separator'
  | 'calling-application'
  | 'returning-from-application'
  | 'debug-mode'
  | 'dma-protection-disabled'
  | 'thunderbolt-open'
  | 'exit-invocation'
  | 'exit-success'
  | 'exit-failure'
  | 'os-separator';

/** [TCG-PFP §10.4.1] */
export const readDigestMark = createDigestNames<DigestMark>([
  ['separator', new Uint8Array(4)],
  ['separator', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
  ['error-separator', errorSeparator],
  ['calling-application', encodeUtf8('Calling EFI Application from Boot Option')],
  ['returning-from-application', encodeUtf8('Returning from EFI Application from Boot Option')],
  ['debug-mode', encodeUtf8('UEFI Debug Mode')],
  ['dma-protection-disabled', encodeUtf8('DMA Protection Disabled')],
  // Intel's firmware, where Thunderbolt lets every device in.
  ['thunderbolt-open', encodeUtf8('Security Level is Downgraded to 0')],
  ['exit-invocation', exitBootServicesActions.invocation],
  ['exit-success', exitBootServicesActions.success],
  ['exit-failure', exitBootServicesActions.failure],
  // The running system's: `userspace-measurement.ts`.
  ['os-separator', encodeUtf8('os-separator')],
]);
