// The key derivations of TPM 2.0. [TPM2-P1 §11.4.10]
import { hash, hmac, type HashAlgorithm } from '../crypto/index.ts';
import { concatBytes, encodeUtf8 } from '../encoding/index.ts';
import { u32 } from './wire.ts';

export interface KdfInput {
  readonly hash: HashAlgorithm;
  /** HMAC key of KDFa, Z (the shared secret) of KDFe. */
  readonly key: Uint8Array;
  /** Without the terminating zero, which is added here. */
  readonly label: string;
  readonly contextU: Uint8Array;
  readonly contextV: Uint8Array;
  readonly bits: number;
}

/** KDFa, counter mode over HMAC. [SP800-108] */
export function kdfa(input: KdfInput): Uint8Array {
  const fixed = concatBytes(encodeUtf8(`${input.label}\0`), input.contextU, input.contextV, u32(input.bits));
  return derive(input.bits, (counter) => hmac(input.hash, input.key, u32(counter), fixed));
}

/** KDFe, the concatenation KDF over a plain hash, for ECDH. [SP800-56A] */
export function kdfe(input: KdfInput): Uint8Array {
  const fixed = concatBytes(input.key, encodeUtf8(`${input.label}\0`), input.contextU, input.contextV);
  return derive(input.bits, (counter) => hash(input.hash, u32(counter), fixed));
}

function derive(bits: number, block: (counter: number) => Uint8Array): Uint8Array {
  const length = Math.ceil(bits / 8);
  const blocks: Uint8Array[] = [];
  for (let made = 0; made < length; made += blocks.at(-1)?.length ?? length) blocks.push(block(blocks.length + 1));
  const key = concatBytes(...blocks).slice(0, length);
  if (bits % 8 !== 0) key[0] = (key[0] ?? 0) & ((1 << (bits % 8)) - 1);
  return key;
}
