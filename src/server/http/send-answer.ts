// An answer of a handler becomes an answer of HTTP: nothing of it is kept by caches in between.
import type { Response } from 'express';
import type { OperationId } from '../../api/index.ts';
import type { ServerLog } from '../telemetry/log.ts';
import type { ApiAnswer } from './handler.ts';
import { toProblem } from './problem.ts';

type Answer = ApiAnswer<OperationId>;
type LineAnswer = Extract<Answer, { readonly lines: AsyncIterable<object> }>;

/** For the log, should an answer by lines fail under way. */
interface Sending {
  readonly log: ServerLog;
  readonly id: string;
  readonly operation: OperationId;
}

export async function sendAnswer(answer: Answer, response: Response, sending: Sending): Promise<void> {
  if ('lines' in answer) return sendLines(answer, response, sending);
  response.status(answer.status).set({ 'cache-control': 'no-store', ...answer.headers });
  if ('raw' in answer) response.type(answer.raw.mediaType).end(answer.raw.bytes);
  else if ('body' in answer) response.type('application/json').end(JSON.stringify(answer.body));
  else response.end();
}

/** Line by line. The status is out by then: a failure becomes the last line. Who hangs up ends the work. */
async function sendLines({ mediaType, lines }: LineAnswer, response: Response, sending: Sending): Promise<void> {
  response.status(200).set({ 'cache-control': 'no-store' }).type(mediaType);
  const { log, id, operation } = sending;
  const write = (line: object): void => void response.write(`${JSON.stringify(line)}\n`);
  try {
    for await (const line of lines) {
      if (response.destroyed) return;
      write(line);
    }
  } catch (error) {
    const { body, unexpected } = toProblem(error, id);
    if (unexpected) log.error({ err: error, id, operation }, 'unexpected failure');
    write({ problem: body });
  }
  response.end();
}
