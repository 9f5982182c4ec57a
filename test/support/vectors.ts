// Other people's captures, where they are laid beside the checkout or named by TOUCHSTONE_VECTORS. Read there, never copied.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** The folder of vectors, unless the run is told to leave it out (so that a test does the same everywhere). */
function vectorsFolder(): URL | undefined {
  if (process.env['TOUCHSTONE_FUZZ_VECTORS'] === 'no') return undefined;
  const named = process.env['TOUCHSTONE_VECTORS'];
  const folder =
    named === undefined ? new URL('../../../shared/vectors/', import.meta.url) : new URL(`file://${named}/`);
  return existsSync(new URL('index.json', folder)) ? folder : undefined;
}

/** Where the vectors are, if they are here. */
export function vectorsPath(): string | undefined {
  const folder = vectorsFolder();
  return folder && fileURLToPath(folder);
}

interface VectorCase {
  readonly file: string;
  readonly kind: string;
  readonly expect: Readonly<Record<string, unknown>>;
}

/** Cases of a kind whose file's name ends so; none where there are no vectors. */
export function vectorCases(
  kind: string,
  ending = '',
): readonly (Pick<VectorCase, 'file' | 'expect'> & { readonly bytes: Uint8Array })[] {
  const folder = vectorsFolder();
  if (folder === undefined) return [];
  const cases = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as readonly VectorCase[];
  return cases
    .filter((one) => one.kind === kind && one.file.endsWith(ending))
    .map(({ file, expect }) => {
      const bytes = readFileSync(fileURLToPath(new URL(file, folder)));
      return { file, expect, bytes: new Uint8Array(file.endsWith('.gz') ? gunzipSync(bytes) : bytes) };
    });
}

export function vectorFiles(kind: string, ending = ''): readonly Uint8Array[] {
  return vectorCases(kind, ending).map(({ bytes }) => bytes);
}

/** The members of that name of the vectors' quotes. */
export function vectorMembers(name: string): readonly Uint8Array[] {
  return vectorFiles('quote', '.json').flatMap((bytes) => {
    const bundle = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const member = bundle[name] ?? (bundle['ak'] as Record<string, unknown> | undefined)?.[name];
    return typeof member === 'string' ? [new Uint8Array(Buffer.from(member, 'base64'))] : [];
  });
}
