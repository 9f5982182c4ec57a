// Reproducible bytes: the same seed and label give the same bytes, on every machine. Good for paper, never for real keys.
import { encodeUnsigned, encodeUtf8 } from '../core/encoding/index.ts';
import { hash } from '../core/crypto/index.ts';

/** `length` bytes that depend on nothing but `seed` and `label`. */
export function seededBytes(seed: string, label: string, length: number): Uint8Array {
  const prefix = encodeUtf8(`touchstone-simulator\u0000${seed}\u0000${label}\u0000`);
  const result = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += 32) {
    const block = hash('sha256', prefix, encodeUnsigned(offset / 32, 4));
    result.set(block.subarray(0, length - offset), offset);
  }
  return result;
}

/** An integer in [0, bound). */
export function seededInteger(seed: string, label: string, bound: number): number {
  const bytes = seededBytes(seed, label, 6);
  return bytes.reduce((value, byte) => value * 256 + byte, 0) % bound;
}
