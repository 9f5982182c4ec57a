// An answer of a handler becomes an answer of HTTP: nothing of it is kept by caches in between.
import type { Response } from 'express';
import type { OperationId } from '../../api/index.ts';
import type { ServerLog } from '../telemetry/log.ts';
import type { ApiAnswer } from './handler.ts';
import { toProblem } from './problem.ts';

type Answer = ApiAnswer<OperationId>;
type PartAnswer = Extract<Answer, { readonly parts: AsyncIterable<string> }>;
type LineAnswer = Extract<Answer, { readonly lines: AsyncIterable<object> }>;

/** For the log, should an answer by lines fail under way. */
interface Sending {
  readonly log: ServerLog;
  readonly id: string;
  readonly operation: OperationId;
}

export async function sendAnswer(answer: Answer, response: Response, sending: Sending): Promise<void> {
  if ('lines' in answer) return sendLines(answer, response, sending);
  if ('parts' in answer) return sendParts(answer, response);
  response.status(answer.status).set({ 'cache-control': 'no-store', ...answer.headers });
  if ('raw' in answer) response.type(answer.raw.mediaType).end(answer.raw.bytes);
  else if ('body' in answer) response.type('application/json').end(JSON.stringify(answer.body));
  else response.end();
}

/** Line by line. The status is out by then: a failure becomes the last line. Who hangs up ends the work. */
async function sendLines({ mediaType, lines }: LineAnswer, response: Response, sending: Sending): Promise<void> {
  response.status(200).set({ 'cache-control': 'no-store' }).type(mediaType);
  const { log, id, operation } = sending;
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
async function sendParts({ mediaType, parts }: PartAnswer, response: Response): Promise<void> {
  response.status(200).set({ 'cache-control': 'no-store' }).type(mediaType);
  response.flushHeaders();
  for await (const part of parts) if (!(await writePart(response, part))) return;
  response.end();
}

/** How long a receiver may read nothing of what was sent. */
const longestStallMs = 30_000;

/** Resolves when more may be written; with false when the receiver is gone, or has not read for too long. */
function writePart(response: Response, text: string): Promise<boolean> {
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
