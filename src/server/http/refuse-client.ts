// What never becomes a request: bytes that are no HTTP, headers without end, senders without haste. Each gets a problem
// document where its socket still takes one, and the connection ends. The program goes on in any case.
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ServerError } from '../errors.ts';
import { toProblem } from './problem.ts';

const codes: Readonly<Record<string, 'REQUEST_TIMEOUT' | 'REQUEST_HEADERS_TOO_LARGE'>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'REQUEST_HEADERS_TOO_LARGE',
};

/** The parser's own refusals, before there is a request. Of a request under way, whose answer has begun, nothing is said. */
export function refuseClient(error: NodeJS.ErrnoException, socket: Socket & { readonly _httpMessage?: unknown }): void {
  if (!socket.writable || error.code === 'ECONNRESET' || hasAnswerBegun(socket)) {
    socket.destroy();
    return;
  }
  const { text, status } = problemText(new ServerError(codes[error.code ?? ''] ?? 'REQUEST_HTTP_MALFORMED'));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Cache-Control: no-store',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}

/** `Expect` with anything but 100-continue. [RFC9110 §10.1.1] */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { text, status } = problemText(new ServerError('REQUEST_EXPECTATION_UNSUPPORTED'));
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', connection: 'close' };
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

function problemText(error: ServerError): { readonly text: string; readonly status: number } {
  const { body } = toProblem(error, 'none');
  return { text: JSON.stringify(body), status: body.status };
}

/** Node keeps the answer that a socket is giving in `_httpMessage`, as its own default handler reads it. */
function hasAnswerBegun({ _httpMessage: message }: { readonly _httpMessage?: unknown }): boolean {
  return typeof message === 'object' && message !== null && 'headersSent' in message && message.headersSent === true;
}
