// The digest that firmware, shim and GRUB measure for an EFI binary. [AUTHENTICODE] "Calculating the PE Image Hash"
import { hash, type HashAlgorithm } from '../crypto/index.ts';
import type { PortableExecutable } from './parse-pe.ts';

/** Everything but CheckSum, the certificate table and the entry that points to it: a signature does not change it. */
export function authenticodeDigest(image: PortableExecutable, alg: HashAlgorithm): Uint8Array {
  const { bytes, checksumOffset, certificateEntryOffset, headersSize } = image;
  const afterChecksum = checksumOffset + 4;
  const headers =
    certificateEntryOffset === undefined
      ? [bytes.subarray(afterChecksum, headersSize)]
      : [
          bytes.subarray(afterChecksum, certificateEntryOffset),
          bytes.subarray(certificateEntryOffset + 8, headersSize),
        ];
  return hash(alg, bytes.subarray(0, checksumOffset), ...headers, ...readContents(image));
}

/** Sections in the order of the file, then what follows as many bytes as headers and sections have. */
function readContents({ bytes, headersSize, sections, certificateTable }: PortableExecutable): readonly Uint8Array[] {
  const placed = sections.filter(({ rawSize }) => rawSize > 0);
  placed.sort((left, right) => left.rawOffset - right.rawOffset);
  const contents = placed.map(({ rawOffset, rawSize }) => bytes.subarray(rawOffset, rawOffset + rawSize));
  const counted = contents.reduce((sum, { length }) => sum + length, headersSize);
  return [...contents, bytes.subarray(counted, bytes.length - certificateTable.length)];
}
