// Events that are told by their digest, whatever type they claim: their measured bytes are constants.
import { hash, type Digest, type HashAlgorithm } from '../crypto/index.ts';
import { encodeHex, encodeUtf8 } from '../encoding/index.ts';
import { errorSeparator } from './coverage.table.ts';
import { exitBootServicesActions } from './exit-boot-services.ts';
import { banksByStrength } from './hash-identifiers.table.ts';

/** Names by digest, in every bank: a constant table, not a cache. */
export type DigestNames<Name extends string> = (digest: Digest) => Name | undefined;

export function createDigestNames<Name extends string>(
  constants: readonly (readonly [Name, Uint8Array])[],
): DigestNames<Name> {
  const tables = new Map<HashAlgorithm, ReadonlyMap<string, Name>>(
    banksByStrength.map((alg) => [alg, new Map(constants.map(([name, bytes]) => [encodeHex(hash(alg, bytes)), name]))]),
  );
  return ({ alg, value }) => tables.get(alg)?.get(encodeHex(value));
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
  | 'exit-failure';

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
]);
