// Moduli of the form that the flawed generator of CVE-2017-15361 makes.
import { encodeUnsigned } from '../../src/core/encoding/index.ts';

/** The product of the first primes, as the flawed generator uses it for keys of 2048 bits. */
function primorial(): bigint {
  let product = 1n;
  for (let candidate = 2n, found = 0; found < 126; candidate += 1n) {
    let divisor = 2n;
    while (divisor * divisor <= candidate && candidate % divisor !== 0n) divisor += 1n;
    if (divisor * divisor <= candidate) continue;
    product *= candidate;
    found += 1;
  }
  return product;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let rest = exponent, square = base % modulus; rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
  }
  return result;
}

/** A number of 2048 bits of the form k*M + (65537^a mod M): what the product of two flawed primes looks like. */
export function flawedModulus(exponent: bigint): Uint8Array {
  const product = primorial();
  const residue = power(65537n, exponent, product);
  const start = (1n << 2047n) + (1n << 2046n);
  let modulus = start - (start % product) + residue;
  while (modulus % 2n === 0n) modulus += product;
  return encodeUnsigned(modulus, 256);
}
