// What identifies a product of a CSAF document. [CSAF §3.1.3.3]
import { digestSizes, type HashAlgorithm } from '../crypto/index.ts';
import { decodeHex, printable, type Field } from '../encoding/index.ts';
import type { Denied } from '../deny/index.ts';
import { goldenBanks } from '../golden/index.ts';
import { readUris } from './csaf-uris.ts';
import { parsePackageUrl, type PackageUrl } from './package-url.ts';

export interface ProductHelper {
  readonly purl?: PackageUrl;
  readonly cpe?: string;
  readonly files?: readonly HashedFile[];
  readonly denies?: readonly Denied[];
  /** What of it is of no use here. */
  readonly unread?: readonly string[];
}

export interface HashedFile {
  readonly name: string;
  readonly digests: ReadonlyMap<HashAlgorithm, Uint8Array>;
}

export function readHelper(field: Field): ProductHelper {
  const { purl, cpe, hashes, x_generic_uris } = field.some('purl', 'cpe', 'hashes', 'x_generic_uris');
  const files = (hashes.optional((list) => list.array(1000)) ?? []).map(readHashes);
  const url = purl.optional((text) => parsePackageUrl(text.text(1024)) ?? text.fail('a package URL', 'is none'));
  const name = cpe.optional((text) => text.text(512));
  const uris = x_generic_uris.optional(readUris) ?? { denies: [], unread: [] };
  return {
    ...(url === undefined ? {} : { purl: url }),
    ...(name === undefined ? {} : { cpe: name }),
    files: files.filter(({ digests }) => digests.size > 0),
    denies: uris.denies,
    unread: [...files.flatMap(({ unread }) => unread), ...uris.unread],
  };
}

/** Digests that no golden measurement can hold are listed as unread; two values of one algorithm for one file are refused. */
function readHashes(field: Field): HashedFile & { readonly unread: readonly string[] } {
  const { file_hashes, filename } = field.some('file_hashes', 'filename');
  const name = filename.words(256);
  const digests = new Map<HashAlgorithm, Uint8Array>();
  const unread: string[] = [];
  for (const item of file_hashes.array(64)) {
    const { algorithm, value } = item.some('algorithm', 'value');
    const text = algorithm.text(64);
    const bank = goldenBanks.find((known) => known === text.toLowerCase().replace('-', ''));
    const hex = value.text(256).toLowerCase();
    if (bank === undefined) {
      unread.push(`${printable(text)} digest of ${name}: no PCR bank has it`);
      continue;
    }
    if (hex.length !== digestSizes[bank] * 2 || !/^[0-9a-f]+$/.test(hex))
      value.fail(`${bank} in hexadecimal`, 'is none');
    if (digests.has(bank)) item.fail('one value for each algorithm', 'is a second one');
    digests.set(bank, decodeHex(hex));
  }
  return { name, digests, unread };
}
