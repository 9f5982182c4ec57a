// What never becomes a request: bytes that are no HTTP, headers without end, senders without haste. Each gets a problem
// document where its socket still takes one, and the connection ends. The program goes on in any case.
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ServerError } from '../errors.ts';
import { toProblem } from './problem.ts';

const codes: Readonly<Record<string, 'REQUEST_TIMEOUT' | 'REQUEST_HEADERS_TOO_LARGE'>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'REQUEST_HEADERS_TOO_LARGE',
};

/** How long the sender may go on before its connection is cut: one that is closed with bytes unread is reset, and the reset can overtake
 * what was said. [RFC9112 §9.6] */
const longestLingerMs = 2000;
const mostBytes = 64 * 1024 * 1024;

/** What node:http keeps on a socket: the answer that it gives there, as its own default handler reads it. */
interface ClientSocket extends Socket {
  readonly _httpMessage?: ServerResponse | null;
}

const refused = new WeakSet<Socket>();

/** Told the code of what is refused here: it becomes no exchange, and would be counted nowhere. */
export type OnRefused = (code: string) => void;

const uncounted: OnRefused = () => undefined;

/** The parser's own refusals, before there is a request. Of a request under way, whose answer has begun, nothing is said. A request that
 * came whole before what is refused is answered first: it is done, and whoever sent it has to hear so. */
export function refuseClient(error: NodeJS.ErrnoException, socket: ClientSocket, onRefused = uncounted): void {
  // The parser complains of what follows as well.
  if (refused.has(socket)) return;
  refused.add(socket);
  if (!socket.writable || error.code === 'ECONNRESET' || socket._httpMessage?.headersSent === true) {
    socket.destroy();
    return;
  }
  discardRest(socket);
  const code = codes[error.code ?? ''] ?? 'REQUEST_HTTP_MALFORMED';
  onRefused(code);
  refuseBehind(new ServerError(code), socket);
}

/** CONNECT, which asks for a tunnel. node:http reads no more of the connection from then on, listens to it no more, and would cut it, with
 * the answers that are still due: for their sake it is listened to here. [RFC9110 §9.3.6] */
export function refuseTunnel(server: Server, socket: ClientSocket, onRefused = uncounted): void {
  socket
    .on('error', () => socket.destroy())
    .on('timeout', () => server.emit('timeout', socket))
    .on('drain', () => socket._httpMessage?.emit('drain'));
  refused.add(socket);
  discardRest(socket);
  onRefused('REQUEST_METHOD_NOT_ALLOWED');
  refuseBehind(new ServerError('REQUEST_METHOD_NOT_ALLOWED', 'no tunnels', { headers: { Allow: '' } }), socket);
}

/** Behind the answers to the requests that came whole. */
function refuseBehind(error: ServerError, socket: ClientSocket): void {
  const answer = socket._httpMessage;
  if (answer?.req.complete === true) answer.once('close', () => refuseBehind(error, socket));
  else if (socket.writable) endWith(error, socket);
}

/** No request is read any more, nor what is missing of one: what was refused must not be done after all. */
function discardRest(socket: Socket): void {
  let length = 0;
  socket.removeAllListeners('data').on('data', (part: Uint8Array) => {
    length += part.length;
    if (length > mostBytes) socket.destroy();
  });
}

function endWith(error: ServerError, socket: Socket): void {
  const { status, text, headers } = lastAnswer(error);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', text].join('\r\n'));
  endSlowly(socket);
}

/** node:http leaves the end to the client: who never ends would hold the connection for ever. */
function endSlowly(socket: Socket): void {
  socket.end();
  const timer = setTimeout(() => socket.destroy(), longestLingerMs);
  socket.resume().once('close', () => clearTimeout(timer));
}

/** One request too many on a connection: refused behind the answers to those before it. */
export function refuseFurther({ socket }: IncomingMessage, response: ServerResponse, onRefused = uncounted): void {
  refused.add(socket);
  discardRest(socket);
  onRefused('SERVER_BUSY');
  const error = new ServerError('SERVER_BUSY', 'too many requests wait for answers on this connection');
  const { status, text, headers } = lastAnswer(error);
  // All of the answer but its end, with which node:http would cut the connection at once.
  response.writeHead(status, headers).write(text, () => endSlowly(socket));
}

/** `Expect` with anything but 100-continue. [RFC9110 §10.1.1] */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse, onRefused = uncounted): void {
  onRefused('REQUEST_EXPECTATION_UNSUPPORTED');
  const { status, text, headers } = lastAnswer(new ServerError('REQUEST_EXPECTATION_UNSUPPORTED'));
  response.writeHead(status, headers).end(text);
}

/** What is said before a connection ends. */
function lastAnswer(error: ServerError) {
  const { body } = toProblem(error, 'none');
  const text = JSON.stringify(body);
  const headers = {
    ...error.headers,
    Connection: 'close',
    'Cache-Control': 'no-store',
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(text),
  };
  return { status: body.status, text, headers };
}
