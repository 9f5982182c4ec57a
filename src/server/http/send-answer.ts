// An answer of a handler becomes an answer of HTTP.
import type { ServerResponse } from 'node:http';
import type { OperationId } from '../../api/index.ts';
import type { ServerLog } from '../telemetry/log.ts';
import type { OperationContract } from './contract.ts';
import { headersOf, type AnswerHeaders } from './answer-headers.ts';
import type { Exchange } from './exchange.ts';
import type { ApiAnswer } from './handler.ts';
import { toProblem } from './problem.ts';

type Answer = ApiAnswer<OperationId>;
type PartAnswer = Extract<Answer, { readonly parts: AsyncIterable<string> }>;
type LineAnswer = Extract<Answer, { readonly lines: AsyncIterable<object> }>;

type BodyAnswer = Extract<Answer, { readonly body: unknown }>;

interface Sender {
  readonly contract: OperationContract;
  readonly log: ServerLog;
}

export async function sendAnswer(answer: Answer, exchange: Exchange, { contract, log }: Sender): Promise<void> {
  const { response } = exchange;
  if ('lines' in answer) return sendLines(answer, exchange, log);
  if ('parts' in answer) return sendParts(answer, response);
  const { status, headers } = answer;
  if ('raw' in answer) sendWhole(response, status, headersOf(answer.raw.mediaType, headers), answer.raw.bytes);
  else if ('body' in answer)
    sendWhole(response, status, headersOf('application/json', headers), textOf(answer, contract));
  else response.writeHead(status, headersOf(undefined, headers)).end();
}

function textOf({ status, body, kept }: BodyAnswer, contract: OperationContract): string {
  if (kept?.text !== undefined) return kept.text;
  checkAnswer(contract, status, body);
  const text = JSON.stringify(body);
  if (kept !== undefined) kept.text = text;
  return text;
}

/** Our own mistakes do not leave the house: an answer that does not fit the contract is a failure of the server. */
function checkAnswer(contract: OperationContract, status: number, body: unknown): void {
  const mistake = contract.findResponseMistake(status, body);
  if (mistake !== undefined) throw new TypeError(`the answer of ${contract.operation} does not fit: ${mistake}`);
}

function sendWhole(response: ServerResponse, status: number, headers: AnswerHeaders, body: string | Uint8Array): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** Line by line. The status is out by then: a failure becomes the last line. Who hangs up ends the work. */
async function sendLines({ mediaType, lines }: LineAnswer, exchange: Exchange, log: ServerLog): Promise<void> {
  const { id, operation, response } = exchange;
  response.writeHead(200, headersOf(mediaType));
  const write = (line: object): Promise<boolean> => writePart(response, `${JSON.stringify(line)}\n`);
  try {
    for await (const line of lines) if (!(await write(line))) return;
  } catch (error) {
    const { body, unexpected } = toProblem(error, id);
    if (unexpected) log.error({ err: error, id, operation }, 'unexpected failure');
    await write({ problem: body });
  }
  response.end();
}

/** Text as it is made. A failure cuts it off: the caller comes back with what it had. */
async function sendParts({ mediaType, parts }: PartAnswer, response: ServerResponse): Promise<void> {
  response.writeHead(200, headersOf(mediaType)).flushHeaders();
  for await (const part of parts) if (!(await writePart(response, part))) return;
  response.end();
}

/** How long a receiver may read nothing of what was sent. */
const longestStallMs = 30_000;

/** Resolves when more may be written; with false when the receiver is gone, or has not read for too long. */
function writePart(response: ServerResponse, text: string): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  if (response.write(text)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      response.off('drain', settle).off('close', settle);
      resolve(!response.destroyed);
    };
    const timer = setTimeout(() => response.destroy(), longestStallMs);
    response.on('drain', settle).on('close', settle);
  });
}
