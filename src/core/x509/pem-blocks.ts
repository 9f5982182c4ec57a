// Certificates and lists in text form. [RFC7468]
import { allAtOnce, readPem, type Pieces } from '../encoding/index.ts';

/** Bytes of every block with one of `labels`, in order; none when the input is not text with such a block.
 * @throws MalformedError ENCODING_PEM_INVALID */
export function readPemBlocks(bytes: Uint8Array, ...labels: readonly string[]): readonly Uint8Array[] {
  return allAtOnce(findPemBlocks(bytes, ...labels));
}

/** As `readPemBlocks`. */
export function* findPemBlocks(bytes: Uint8Array, ...labels: readonly string[]): Pieces<readonly Uint8Array[]> {
  const blocks = yield* readPem(new TextDecoder('latin1').decode(bytes));
  return blocks.filter(({ label }) => labels.includes(label)).map((block) => block.bytes);
}
