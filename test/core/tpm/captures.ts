// Captures of a real (software) TPM, as tpm2-tools wrote them: test/fixtures/lab, same layout as the lab.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeHex } from '../../../src/core/encoding/index.ts';

const lab = new URL('../../fixtures/lab/', import.meta.url);

export function capture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(path, lab))));
}

export function captureText(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, lab)), 'utf8');
}

export interface CapturedQuote {
  readonly title: string;
  readonly attest: Uint8Array;
  readonly signature: Uint8Array;
  readonly pcrFile: Uint8Array;
  readonly nonce: Uint8Array;
  /** TPM2B_PUBLIC of the key that signed. */
  readonly akPublic: Uint8Array;
  /** The same key as PEM. */
  readonly akPem: string;
}

function quoteAt(folder: string, key: 'rsa' | 'ecc' | 'ecc384'): CapturedQuote {
  return {
    title: `${folder}/quote_${key}`,
    attest: capture(`${folder}/quote_${key}.msg`),
    signature: capture(`${folder}/quote_${key}.sig`),
    pcrFile: capture(`${folder}/quote_${key}.pcrs`),
    nonce: decodeHex(captureText(`${folder}/nonce.hex`).trim()),
    akPublic: capture(`tpm-quote/ak_${key}.pub`),
    akPem: captureText(`${folder}/ak_${key}.pem`),
  };
}

export const capturedQuotes: readonly CapturedQuote[] = [
  quoteAt('tpm-quote', 'rsa'),
  quoteAt('tpm-quote', 'ecc'),
  quoteAt('tpm-quote', 'ecc384'),
  quoteAt('boot/sb-on/quote', 'rsa'),
  quoteAt('boot/sb-on/quote', 'ecc'),
  quoteAt('boot/sb-off/quote', 'rsa'),
  quoteAt('boot/sb-off/quote', 'ecc'),
];

export const bootQuote = quoteAt('boot/sb-on/quote', 'ecc');
