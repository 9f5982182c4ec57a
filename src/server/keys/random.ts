// Randomness as a capability: the system's CSPRNG in service, something countable in a test.
import { randomBytes, randomFillSync } from 'node:crypto';

/** `length` unpredictable bytes. */
export type RandomSource = (length: number) => Uint8Array;

export const systemRandom: RandomSource = createRandom();

/** One call of the system costs the same for two bytes as for many: so many are drawn, and each is given once and kept no longer. */
function createRandom(): RandomSource {
  const drawn = new Uint8Array(4096);
  let given = drawn.length;
  return (length) => {
    if (length > drawn.length) return new Uint8Array(randomBytes(length));
    if (given + length > drawn.length) {
      randomFillSync(drawn);
      given = 0;
    }
    const bytes = drawn.slice(given, given + length);
    drawn.fill(0, given, given + length);
    given += length;
    return bytes;
  };
}

/** A positive certificate serial number of 128 random bits. [RFC5280 §4.1.2.2] */
export function randomSerial(random: RandomSource): Uint8Array {
  const serial = random(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}
