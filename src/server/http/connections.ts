// How many connections there may be: each costs memory and a file descriptor, whether anything is asked on it or not.
import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { refuseFurther } from './refuse-client.ts';

/** How many requests may wait behind another one on a connection. Whatever a client sent at once is worked on in one turn of the event loop:
 * with a thousand small requests in each read, thirty connections kept every other client from an answer. */
const mostWaiting = 64;

/** Keeps the connections to `most`. Room for a new one is made by those on which nothing is asked. */
export function boundConnections(server: Server, most: number): void {
  server.maxConnections = most;
  server.on('drop', () => server.closeIdleConnections());
}

/** Several requests may come at once on one connection. When more answers wait than it takes, node:http reads no more of it for a while;
 * but TLS hands on what it has decrypted by then, and the paused parser would end the connection over it (HPE_PAUSED). A connection that
 * is paused is read through the stream of its socket from then on, which keeps what comes meanwhile. */
export function keepPipelined(server: Server): void {
  const nobody = (): void => undefined;
  server.on('request', ({ socket }) => {
    if (!socket.isPaused()) return;
    // Where anybody listens, the parser takes nothing from below any more.
    socket.on('data', nobody).off('data', nobody);
    // The stream believes that it is reading: nothing read, and it reads again when it is resumed.
    socket.push('');
  });
}

/** Hands on requests that have not too many before them. The one beyond is refused, behind the answers to those, and its answer ends the
 * connection; what came after it is not looked at, and whoever sent it may send it again. [RFC9112 §9.3.2, §9.6] */
export function boundPipelined(listener: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, number>();
  const mayWait: (...exchange: Parameters<RequestListener>) => boolean = (request, response) => {
    const { socket } = request;
    const before = waiting.get(socket) ?? 0;
    if (before < mostWaiting) {
      waiting.set(socket, before + 1);
      response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
      return true;
    }
    waiting.set(socket, Infinity);
    if (before !== Infinity) refuseFurther(request, response);
    return false;
  };
  return (request, response) => {
    // The first in line has the socket already.
    if (response.socket !== null || mayWait(request, response)) listener(request, response);
  };
}
