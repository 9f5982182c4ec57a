// Which of the media types of an operation its answer has. [RFC9110 §12.5.1]
import type { IncomingMessage } from 'node:http';
import { request as expressRequest } from 'express';
import { ServerError } from '../errors.ts';

/** Express's rule, which looks at the headers alone. What most requests say is known without it: nothing, or one type and no more.
 * @throws ServerError REQUEST_NOT_ACCEPTABLE */
export function negotiate(request: Pick<IncomingMessage, 'headers'>, produces: readonly string[]): string {
  const { accept = '' } = request.headers;
  const [preferred = ''] = produces;
  if (accept === '' || preferred === '') return preferred;
  if (produces.includes(accept)) return accept;
  const accepted = expressRequest.accepts.call(request as typeof expressRequest, ...produces);
  if (accepted === false) throw new ServerError('REQUEST_NOT_ACCEPTABLE', `offered: ${produces.join(', ')}`);
  return accepted;
}
