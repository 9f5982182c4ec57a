// Where good inputs come from: our own captures, and other people's vectors where they are laid beside the checkout.
// Vectors are read there and never copied.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';

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

/** The folder of vectors, unless the run is told to leave it out (so that a test does the same everywhere). */
function vectorsFolder(): URL | undefined {
  if (process.env['TOUCHSTONE_FUZZ_VECTORS'] === 'no') return undefined;
  const named = process.env['TOUCHSTONE_VECTORS'];
  const folder =
    named === undefined ? new URL('../../../shared/vectors/', import.meta.url) : new URL(`file://${named}/`);
  return existsSync(new URL('index.json', folder)) ? folder : undefined;
}

interface VectorCase {
  readonly file: string;
  readonly kind: string;
}

/** Files of a kind whose name ends so. */
export function vectorFiles(kind: string, ending = ''): readonly Uint8Array[] {
  const folder = vectorsFolder();
  if (folder === undefined) return [];
  const cases = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as readonly VectorCase[];
  return cases
    .filter((one) => one.kind === kind && one.file.endsWith(ending))
    .map(({ file }) => {
      const bytes = readFileSync(fileURLToPath(new URL(file, folder)));
      return new Uint8Array(file.endsWith('.gz') ? gunzipSync(bytes) : bytes);
    });
}

/** The members of that name of the vectors' quotes. */
export function vectorMembers(name: string): readonly Uint8Array[] {
  return vectorFiles('quote', '.json').flatMap((bytes) => {
    const bundle = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const member = bundle[name] ?? (bundle['ak'] as Record<string, unknown> | undefined)?.[name];
    return typeof member === 'string' ? [new Uint8Array(Buffer.from(member, 'base64'))] : [];
  });
}
