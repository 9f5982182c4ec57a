// An answer of a handler becomes an answer of HTTP.
import type { ServerResponse } from 'node:http';
import type { OperationId } from '../../api/index.ts';
import type { ServerLog } from '../telemetry/log.ts';
import type { OperationContract } from './contract.ts';
import { headOf } from './answer-headers.ts';
import { textOf } from './answer-text.ts';
import { idOf, type Exchange } from './exchange.ts';
import type { ApiAnswer } from './handler.ts';
import { toProblem } from './problem.ts';

type Answer = ApiAnswer<OperationId>;
type PartAnswer = Extract<Answer, { readonly parts: AsyncIterable<string> }>;
type LineAnswer = Extract<Answer, { readonly lines: AsyncIterable<object> }>;

interface Sender {
  readonly contract: OperationContract;
  readonly log: ServerLog;
}

/** Undefined when the answer is out; a promise while it is still made. */
export function sendAnswer(answer: Answer, exchange: Exchange, { contract, log }: Sender): Promise<void> | undefined {
  const { response } = exchange;
  if ('lines' in answer) return sendLines(answer, exchange, log);
  if ('parts' in answer) return sendParts(answer, response);
  const { status, headers } = answer;
  if ('body' in answer) {
    const { head, content } = textOf(answer, contract);
    // ASCII, which is copied so. In UTF-8 node:http would take three times its length.
    response.writeHead(status, head).end(content, 'latin1');
  } else if ('raw' in answer) {
    const { mediaType, content } = answer.raw;
    response.writeHead(status, headOf(mediaType, headers, Buffer.byteLength(content))).end(content);
  } else response.writeHead(status, headOf(undefined, headers)).end();
  return undefined;
}

/** Line by line. The status is out by then: a failure becomes the last line. Who hangs up ends the work. */
async function sendLines({ mediaType, lines }: LineAnswer, exchange: Exchange, log: ServerLog): Promise<void> {
  const { operation, response } = exchange;
  response.writeHead(200, headOf(mediaType));
  const write = (line: object): Promise<boolean> => writePart(response, `${JSON.stringify(line)}\n`);
  try {
    for await (const line of lines) if (!(await write(line))) return;
  } catch (error) {
    const id = idOf(exchange);
    const { body, unexpected } = toProblem(error, id);
    if (unexpected) log.error({ err: error, id, operation }, 'unexpected failure');
    await write({ problem: body });
  }
  response.end();
}

/** Text as it is made. A failure cuts it off: the caller comes back with what it had. */
async function sendParts({ mediaType, parts }: PartAnswer, response: ServerResponse): Promise<void> {
  response.writeHead(200, headOf(mediaType)).flushHeaders();
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
