// The text of an answer in JSON. It fits the contract, or it does not leave the house.
import { allAtOnce, concatBytes, encodeBase64, encodeUtf8, inPieces, type Pieces } from '../../core/encoding/index.ts';
import { once } from '../once.ts';
import { headOf, type AnswerHeaders } from './answer-headers.ts';
import type { OperationContract } from './contract.ts';
import type { AnswerText, KeptText } from './handler.ts';

/** An answer with a body, of whatever operation. */
interface BodyAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly kept?: KeptText;
  readonly headers?: AnswerHeaders;
  readonly repeated?: string;
}

type Rows = readonly (readonly object[])[];

/** What was kept of it is not checked and written again.
 * @throws TypeError an answer that does not fit the contract is a failure of the server */
export function textOf(answer: BodyAnswer, contract: OperationContract): AnswerText {
  return allAtOnce(makeText(answer, contract));
}

/** The same for rows of some ten thousand members. */
export function textInPieces(
  answer: BodyAnswer,
  contract: OperationContract,
  pause: () => Promise<void>,
): Promise<AnswerText> {
  return inPieces(makeText(answer, contract), pause);
}

function* makeText(answer: BodyAnswer, contract: OperationContract): Pieces<AnswerText> {
  const { kept, headers } = answer;
  if (kept?.made !== undefined) return kept.made;
  const text =
    answer.repeated === undefined ? writeOnce(answer, contract) : yield* writeRows(answer, answer.repeated, contract);
  const length = Buffer.byteLength(text);
  const head = headOf('application/json', headers, length);
  // Where each character is one byte all of them are ASCII, which nobody need encode.
  const made = { head, content: length === text.length ? text : Buffer.from(text) };
  if (kept !== undefined) kept.made = made;
  return made;
}

interface AnswerPieces {
  /** Of all of them. */
  readonly length: number;
  readonly pieces: Iterable<Uint8Array>;
}

/** An answer whose last fields are bytes, as JSON would have them in base64: that these fit follows from what was let in. They are written
 * when they are asked for. */
export function piecesOf(
  answer: BodyAnswer & { readonly base64?: Base64Fields },
  contract: OperationContract,
): AnswerPieces {
  const { base64 = {} } = answer;
  const shell = encodeUtf8(writeOnce(answer, contract).slice(0, -'}'.length));
  const fields = Object.entries(base64).flatMap(([name, bytes]) =>
    bytes === undefined ? [] : [{ begin: encodeUtf8(`,${JSON.stringify(name)}:"`), bytes }],
  );
  const lengths = fields.map(({ begin, bytes }) => begin.length + 4 * Math.ceil(bytes.length / 3) + '"'.length);
  const length = shell.length + lengths.reduce((sum, each) => sum + each, 0) + '}'.length;
  return { length, pieces: joined(writePieces(shell, fields)) };
}

type Base64Fields = Readonly<Record<string, Uint8Array | undefined>>;

/** Whole groups of three. */
const bytesInPiece = 98_304;

function* writePieces(
  shell: Uint8Array,
  fields: readonly { readonly begin: Uint8Array; readonly bytes: Uint8Array }[],
): Iterable<Uint8Array> {
  yield shell;
  for (const { begin, bytes } of fields) {
    yield begin;
    for (let from = 0; from < bytes.length; from += bytesInPiece)
      yield encodeUtf8(encodeBase64(bytes.subarray(from, from + bytesInPiece)));
    yield encodeUtf8('"');
  }
  yield encodeUtf8('}');
}

/** Short ones together: a small answer is sent as one. */
function* joined(pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let [held, length]: [Uint8Array[], number] = [[], 0];
  for (const piece of pieces) {
    held.push(piece);
    length += piece.length;
    if (length < bytesInPiece) continue;
    yield concatBytes(...held);
    [held, length] = [[], 0];
  }
  if (length > 0) yield concatBytes(...held);
}

function writeOnce({ status, body }: BodyAnswer, contract: OperationContract): string {
  check(contract, status, body);
  return JSON.stringify(body);
}

/** To write and check so many takes some milliseconds. */
const membersInPiece = 500;

function* writeRows({ status, body }: BodyAnswer, field: string, contract: OperationContract): Pieces<string> {
  const { [field]: rows = [], ...others } = body as Readonly<Record<string, Rows>>;
  // What fits in one place fits in every other: each member is checked once.
  let unchecked: object[] = [];
  const checkThem = (): void => {
    check(contract, status, { ...others, [field]: [unchecked] });
    unchecked = [];
  };
  const write = once((member: object) => {
    unchecked.push(member);
    return JSON.stringify(member);
  });
  const lists: string[] = [];
  for (const row of rows) {
    const texts: string[] = [];
    for (const member of row) {
      texts.push(write(member));
      if (unchecked.length < membersInPiece) continue;
      checkThem();
      yield;
    }
    lists.push(`[${texts.join(',')}]`);
  }
  checkThem();
  const shell = JSON.stringify({ ...others, [field]: [] });
  return `${shell.slice(0, -']}'.length)}${lists.join(',')}]}`;
}

function check(contract: OperationContract, status: number, body: unknown): void {
  const mistake = contract.findResponseMistake(status, body);
  if (mistake !== undefined) throw new TypeError(`the answer of ${contract.operation} does not fit: ${mistake}`);
}
