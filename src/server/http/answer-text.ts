// The text of an answer in JSON. It fits the contract, or it does not leave the house.
import { allAtOnce, inPieces, type Pieces } from '../../core/encoding/index.ts';
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
