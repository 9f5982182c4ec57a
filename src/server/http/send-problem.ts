// What went wrong becomes a problem document, by whichever door the request came. [RFC9457]
import type { ServerContext } from '../context.ts';
import { headOf } from './answer-headers.ts';
import { idOf, noteExchange, type Exchange } from './exchange.ts';
import { endAndLinger } from './linger.ts';
import { toProblem } from './problem.ts';

export function sendProblem(
  error: unknown,
  exchange: Exchange,
  context: Pick<ServerContext, 'log' | 'metrics' | 'failingStore' | 'writes'>,
): void {
  const { log, failingStore } = context;
  const { operation, request, response } = exchange;
  const id = idOf(exchange);
  const { body, headers, unexpected } = toProblem(error, id);
  context.writes.note(error);
  const isOutage = failingStore.note(body.code, error, { id, operation });
  const isFailure = unexpected || body.code.startsWith('STORAGE_');
  if (isFailure && !isOutage) log.error({ err: error, id, operation }, 'unexpected failure');
  // Half an answer is out: whoever reads it must see that it ends early.
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = JSON.stringify(body);
  response.writeHead(body.status, headOf('application/problem+json', headers, Buffer.byteLength(text)));
  // Of a body that was refused nothing more is kept: the connection ends with this answer.
  if (!request.complete && headers['connection'] === 'close') endAndLinger(request, response, text);
  else response.end(text);
  noteExchange(exchange, context, body.code);
}
