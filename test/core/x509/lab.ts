import { readFileSync } from 'node:fs';

/** A certificate or public area of our own lab TPM: test/fixtures/lab/tpm-quote. */
export function labCertificate(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../fixtures/lab/tpm-quote/${name}`, import.meta.url)));
}
