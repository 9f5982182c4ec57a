// RSA encryption with randomness as an argument: EME-OAEP by hand, then the bare public operation. [RFC8017 §7.1.1]
import { constants, publicEncrypt } from 'node:crypto';
import { concatBytes } from '../encoding/index.ts';
import { digestSizes, hash, type HashAlgorithm } from './hash.ts';
import type { PublicKey } from './key.ts';

export interface OaepInput {
  readonly hash: HashAlgorithm;
  /** L, with any terminating zero that the protocol counts as part of it. */
  readonly label: Uint8Array;
  readonly message: Uint8Array;
  /** As many random bytes as `hash` has. */
  readonly seed: Uint8Array;
}

/** RSAES-OAEP with MGF1 over the same hash. `key` must be an RSA key, long enough for the message: TypeError if not. */
export function encryptOaep(key: PublicKey, input: OaepInput): Uint8Array {
  const block = encodeOaep(input, Math.ceil(key.bits / 8));
  return new Uint8Array(publicEncrypt({ key: key.handle, padding: constants.RSA_NO_PADDING }, block));
}

/** EM = 0 || maskedSeed || maskedDB. */
function encodeOaep(input: OaepInput, length: number): Uint8Array {
  const size = digestSizes[input.hash];
  const padding = length - 2 * size - 2 - input.message.length;
  if (input.seed.length !== size || padding < 0) throw new TypeError('OAEP: wrong seed size or message too long');
  const zeros = new Uint8Array(padding);
  const block = concatBytes(hash(input.hash, input.label), zeros, Uint8Array.of(1), input.message);
  const maskedBlock = xor(block, mgf1(input.hash, input.seed, block.length));
  const maskedSeed = xor(input.seed, mgf1(input.hash, maskedBlock, size));
  return concatBytes(Uint8Array.of(0), maskedSeed, maskedBlock);
}

/** [RFC8017 §B.2.1] */
function mgf1(alg: HashAlgorithm, seed: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let counter = 0; counter * digestSizes[alg] < length; counter += 1) {
    blocks.push(hash(alg, seed, Uint8Array.of(0, 0, counter >> 8, counter & 0xff)));
  }
  return concatBytes(...blocks).subarray(0, length);
}

function xor(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, index) => byte ^ (right[index] ?? 0));
}
