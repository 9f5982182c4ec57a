// Events that are told by their digest, whatever type they claim: their measured bytes are constants. [TCG-PFP §10.4.1]
import { equalInConstantTime, hash, type Digest } from '../crypto/index.ts';
import { encodeUtf8 } from '../encoding/index.ts';
import { errorSeparator } from './coverage.table.ts';
import { exitBootServicesActions } from './exit-boot-services.ts';

export type DigestMark =
  | 'separator'
  | 'error-separator'
  | 'calling-application'
  | 'returning-from-application'
  | 'debug-mode'
  | 'dma-protection-disabled'
  | 'exit-invocation'
  | 'exit-success'
  | 'exit-failure';

const marks: readonly (readonly [DigestMark, Uint8Array])[] = [
  ['separator', new Uint8Array(4)],
  ['separator', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
  ['error-separator', errorSeparator],
  ['calling-application', encodeUtf8('Calling EFI Application from Boot Option')],
  ['returning-from-application', encodeUtf8('Returning from EFI Application from Boot Option')],
  ['debug-mode', encodeUtf8('UEFI Debug Mode')],
  ['dma-protection-disabled', encodeUtf8('DMA Protection Disabled')],
  ['exit-invocation', exitBootServicesActions.invocation],
  ['exit-success', exitBootServicesActions.success],
  ['exit-failure', exitBootServicesActions.failure],
];

export function readDigestMark({ alg, value }: Digest): DigestMark | undefined {
  return marks.find(([, bytes]) => equalInConstantTime(hash(alg, bytes), value))?.[0];
}
