// ROCA: the primes that Infineon's RSALib generates have the form k*M + (65537^a mod M), where M is the product of the first primes.
// So the modulus too is a power of 65537 modulo each of those primes. Other moduli show this fingerprint with a probability
// below 2^-27. [CVE-2017-15361]
const primes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
];
const generator = 65537;

/** True when `modulus` (big-endian) is of the vulnerable form. */
export function hasRocaFingerprint(modulus: Uint8Array): boolean {
  return primes.every((prime) => isPowerOfGenerator(remainder(modulus, prime), prime));
}

function isPowerOfGenerator(value: number, prime: number): boolean {
  let power = 1;
  do {
    if (power === value) return true;
    power = (power * generator) % prime;
  } while (power !== 1);
  return false;
}

function remainder(modulus: Uint8Array, divisor: number): number {
  return modulus.reduce((rest, byte) => (rest * 256 + byte) % divisor, 0);
}
