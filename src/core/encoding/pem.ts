// PEM blocks: a label around base64. [RFC7468] Text between blocks is ignored, as certificate bundles carry comments.
import { MalformedError } from '../error.ts';
import { decodeBase64, encodeBase64 } from './bytes.ts';
import { allAtOnce, type Pieces } from './pieces.ts';

export interface PemBlock {
  /** `CERTIFICATE`, `PUBLIC KEY`... */
  readonly label: string;
  readonly bytes: Uint8Array;
}

const beginLine = /^-----BEGIN ([A-Z0-9][A-Z0-9 #.]{0,62})-----$/;
/** A byte order mark, as Unicode or as the three bytes it has when the text was read byte by byte: editors on Windows write it. */
const byteOrderMark = /^(?:\uFEFF|\u00EF\u00BB\u00BF)/;
const endLine = /^-----END ([A-Z0-9][A-Z0-9 #.]{0,62})-----$/;

/** Every block, in the order of the text. A text without blocks gives an empty list: what that means is for the caller to say.
 * @throws MalformedError ENCODING_PEM_INVALID */
export function parsePem(text: string): PemBlock[] {
  return allAtOnce(readPem(text));
}

/** To read so many lines takes some milliseconds. */
const linesInPiece = 20_000;

/** As `parsePem`: the largest revocation list has two hundred thousand lines. */
export function* readPem(text: string): Pieces<PemBlock[]> {
  const blocks: PemBlock[] = [];
  let open: { label: string; body: string[]; line: number } | undefined;
  const nextLine = createLineReader(text.replace(byteOrderMark, ''));
  for (let index = 0, raw = nextLine(); raw !== undefined; index += 1, raw = nextLine()) {
    if (index % linesInPiece === linesInPiece - 1) yield;
    const line = raw.trim();
    const begins = beginLine.exec(line)?.[1];
    const ends = endLine.exec(line)?.[1];
    if (open === undefined) {
      if (ends !== undefined) throw invalid('an END line without BEGIN', index);
      if (begins !== undefined) open = { label: begins, body: [], line: index };
    } else if (ends === undefined) {
      if (begins !== undefined) throw invalid('a BEGIN line inside a block', index);
      open.body.push(line);
    } else {
      if (ends !== open.label) throw invalid('the END line has another label', index);
      blocks.push({ label: open.label, bytes: decodeBody(open.body, open.line) });
      open = undefined;
    }
  }
  if (open !== undefined) throw invalid('a block without END line', open.line);
  return blocks;
}

/** A function that returns one line after the other, which end as on any system. */
function createLineReader(text: string): () => string | undefined {
  let start = 0;
  /** Where the next of each is: most texts have no carriage return, which is looked for once. */
  let [feed, carriage] = [-1, -1];
  const next = (mark: string): number => {
    const found = text.indexOf(mark, start);
    return found === -1 ? text.length : found;
  };
  return () => {
    if (start > text.length) return undefined;
    if (feed < start) feed = next('\n');
    if (carriage < start) carriage = next('\r');
    const end = Math.min(feed, carriage);
    const line = text.slice(start, end);
    start = feed === carriage + 1 ? feed + 1 : end + 1;
    return line;
  };
}

/** One block, 64 characters to a line, closed with a line break. */
export function encodePem(label: string, bytes: Uint8Array): string {
  return allAtOnce(writePem(label, bytes)).toString('latin1');
}

/** To write so many lines takes a millisecond. */
const linesAtOnce = 4096;
const [bytesOfLine, charactersOfLine] = [48, 64];

/** As `encodePem`, in ASCII. */
export function* writePem(label: string, bytes: Uint8Array): Pieces<Buffer> {
  const [begin, end] = [`-----BEGIN ${label}-----\n`, `-----END ${label}-----\n`];
  const characters = 4 * Math.ceil(bytes.length / 3);
  const lines = characters + Math.ceil(characters / charactersOfLine);
  const pem = Buffer.allocUnsafeSlow(begin.length + lines + end.length);
  let at = pem.write(begin, 'latin1');
  for (let from = 0; from < bytes.length; from += bytesOfLine * linesAtOnce) {
    if (from > 0) yield;
    // Not text by text: the largest revocation list has two hundred thousand lines.
    const text = Buffer.from(encodeBase64(bytes.subarray(from, from + bytesOfLine * linesAtOnce)), 'latin1');
    for (let start = 0; start < text.length; start += charactersOfLine) {
      at += text.copy(pem, at, start, start + charactersOfLine);
      at = pem.writeUInt8(newLine, at);
    }
  }
  pem.write(end, at, 'latin1');
  return pem;
}

const newLine = 0x0a;

function decodeBody(lines: readonly string[], line: number): Uint8Array {
  const body = lines.join('');
  if (body === '') throw invalid('an empty block', line);
  try {
    return decodeBase64(body);
  } catch (cause) {
    throw new MalformedError('ENCODING_PEM_INVALID', 'the body is not base64', { at: `line ${line + 1}`, cause });
  }
}

function invalid(problem: string, line: number): MalformedError {
  return new MalformedError('ENCODING_PEM_INVALID', problem, { at: `line ${line + 1}` });
}
