// Good inputs of our own: captures of the lab. Other people's are in test/support/vectors.ts.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const lab = new URL('../fixtures/lab/', import.meta.url);

export function labFile(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, lab)));
}

/** The file of that name of every captured boot that has one. */
export function labFiles(name: string): readonly Uint8Array[] {
  return readdirSync(new URL('boot/', lab))
    .map((run) => new URL(`boot/${run}/${name}`, lab))
    .filter((file) => existsSync(file))
    .map((file) => new Uint8Array(readFileSync(file)));
}

/** Every file of the captured TPM whose name ends so. */
export function tpmFiles(ending: string): readonly Uint8Array[] {
  return readdirSync(new URL('tpm-quote/', lab))
    .filter((name) => name.endsWith(ending))
    .map((name) => labFile(`tpm-quote/${name}`));
}
