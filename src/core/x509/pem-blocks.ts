// Textual encodings of certificates and lists. [RFC7468]
import { decodeBase64 } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';

/** Bytes of every block with one of `labels`, in order; none when the input is not text with such a block.
 * @throws MalformedError ENCODING_BASE64_INVALID, X509_ANCHORS_MALFORMED */
export function readPemBlocks(bytes: Uint8Array, ...labels: readonly string[]): readonly Uint8Array[] {
  const lines = new TextDecoder('latin1').decode(bytes).split(/\r\n|\n|\r/);
  const blocks: Uint8Array[] = [];
  let open: { readonly label: string; readonly body: string[] } | undefined;
  for (const line of lines) {
    const begin = /^-----BEGIN ([A-Z0-9 ]{1,40})-----\s*$/.exec(line)?.[1];
    const end = /^-----END ([A-Z0-9 ]{1,40})-----\s*$/.exec(line)?.[1];
    if (begin !== undefined) {
      if (open !== undefined) throw new MalformedError('X509_ANCHORS_MALFORMED', 'a PEM block begins inside another');
      open = { label: begin, body: [] };
    } else if (end !== undefined && open !== undefined) {
      if (labels.includes(open.label) && end === open.label) blocks.push(decodeBase64(open.body.join('')));
      open = undefined;
    } else {
      open?.body.push(line.trim());
    }
  }
  return blocks;
}
