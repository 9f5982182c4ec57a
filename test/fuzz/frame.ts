// Two inputs in one: the length of the first (u32, little-endian), the first, the second.
import { concatBytes } from '../../src/core/encoding/index.ts';

export function joinInputs(first: Uint8Array, second: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, first.length, true);
  return concatBytes(length, first, second);
}

/** Any bytes can be split: a length that lies is cut to what there is. */
export function splitInputs(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  if (bytes.length < 4) return [bytes, new Uint8Array()];
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const end = 4 + Math.min(length, bytes.length - 4);
  return [bytes.subarray(4, end), bytes.subarray(end)];
}
