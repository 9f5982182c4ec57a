// Randomness as a capability: the system's CSPRNG in service, something countable in a test.
import { randomBytes } from 'node:crypto';

/** `length` unpredictable bytes. */
export type RandomSource = (length: number) => Uint8Array;

export const systemRandom: RandomSource = (length) => new Uint8Array(randomBytes(length));

/** A positive certificate serial number of 128 random bits. [RFC5280 §4.1.2.2] */
export function randomSerial(random: RandomSource): Uint8Array {
  const serial = random(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}
