// Certificates and lists in text form. [RFC7468]
import { parsePem } from '../encoding/index.ts';

/** Bytes of every block with one of `labels`, in order; none when the input is not text with such a block.
 * @throws MalformedError ENCODING_PEM_INVALID */
export function readPemBlocks(bytes: Uint8Array, ...labels: readonly string[]): readonly Uint8Array[] {
  const blocks = parsePem(new TextDecoder('latin1').decode(bytes));
  return blocks.filter(({ label }) => labels.includes(label)).map((block) => block.bytes);
}
