// How many connections there may be, and for how long: each costs memory and a file descriptor, whether anything is asked on it or not.
import type { RequestListener, Server, ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { createCrowds } from '../load/crowds.ts';
import { peerOf, placeOf } from './peer.ts';
import { refuseFurther, type OnRefused } from './refuse-client.ts';

/** How many requests may wait behind another one on a connection. Whatever a client sent at once is worked on in one turn of the event loop:
 * with a thousand small requests in each read, thirty connections kept every other client from an answer. */
const mostWaiting = 64;

/** Keeps the connections to `most`. Where there are so many, whoever dials is cut off, unless most of those on which nothing was asked yet come
 * from one place, and not from its own: one of them gives way. Room is made as well by those on which nothing is asked any more.
 * `maxConnections` would do neither: a worker hands back to the primary what is beyond it, again and again, and tells nobody. */
export function boundConnections(server: Server, most: number): void {
  const others = server.listeners('connection') as ((socket: Socket) => void)[];
  /** Nothing was asked yet on them. */
  const unasked = createCrowds<Socket>();
  const leaving = new Map<string, () => void>();
  let open = 0;
  let isMakingRoom = false;

  /** Once a turn: it goes through all of them. */
  function makeRoom(): void {
    if (!isMakingRoom)
      setImmediate(() => {
        isMakingRoom = false;
        server.closeIdleConnections();
      });
    isMakingRoom = true;
  }

  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    if (open >= most) {
      makeRoom();
      const other = unasked.takeFor(placeOf(socket), 'first');
      if (other === undefined) {
        socket.destroy();
        return;
      }
      other.destroy();
    }
    open += 1;
    const peer = peerOf(socket);
    const leave = unasked.join(placeOf(socket), socket);
    leaving.set(peer, leave);
    socket.once('close', () => {
      open -= 1;
      leave();
      if (leaving.get(peer) === leave) leaving.delete(peer);
    });
    for (const each of others) each.call(server, socket);
  });
  server.on('request', ({ socket }) => {
    const peer = peerOf(socket);
    leaving.get(peer)?.();
    leaving.delete(peer);
  });
}

/** Cuts whoever takes nothing of an answer for `stallMs`, which is shorter than `keepAliveTimeout`. While the server works on an answer
 * nothing waits to be taken, however long that is. And nobody is taken for idle whose answer is on its way: node:http does so as soon
 * as it has the whole answer, so that strangers who dialled, or a stop, cut short what honest clients were reading. */
export function boundAnswers(server: Server, stallMs: number): Answering {
  const open = new Set<Socket>();
  const asked = new WeakSet<Socket>();
  // Between two requests a socket has the timeout of kept connections instead.
  const isIdle = ({ timeout }: Socket): boolean => timeout !== stallMs;
  server.timeout = stallMs;
  server.on('timeout', (socket: Socket) => {
    if (isIdle(socket) || socket.writableLength > 0) socket.destroy();
  });
  server.on(server instanceof HttpsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', ({ socket }) => asked.add(socket));
  server.closeIdleConnections = () => {
    for (const socket of open) if (isIdle(socket)) socket.destroy();
  };
  // node:http knows none any more on which CONNECT was said.
  server.closeAllConnections = () => open.forEach((socket) => socket.destroy());
  return {
    cutUnasked: () => {
      for (const socket of open) if (!asked.has(socket)) socket.destroy();
    },
  };
}

export interface Answering {
  /** For a server that stops: ends connections on which nothing was asked yet, whole. */
  cutUnasked(): void;
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

/** What waits behind another answer on one connection. */
interface Row {
  readonly waiting: Set<ServerResponse>;
  isOver: boolean;
}

/** Hands on requests that have not too many before them. The one beyond is refused, behind the answers to those, and its answer ends the
 * connection; what came after it is not looked at, and whoever sent it may send it again. [RFC9112 §9.3.2, §9.6] */
export function boundPipelined(listener: RequestListener, onRefused?: OnRefused): RequestListener {
  const rows = new WeakMap<Socket, Row>();
  const rowOf = (socket: Socket): Row => {
    const row = rows.get(socket) ?? { waiting: new Set(), isOver: false };
    if (!rows.has(socket)) socket.once('close', () => closeWaiting(row));
    rows.set(socket, row);
    return row;
  };
  const mayWait: (...exchange: Parameters<RequestListener>) => boolean = (request, response) => {
    const row = rowOf(request.socket);
    if (row.isOver) return false;
    row.isOver = row.waiting.size === mostWaiting;
    if (row.isOver) refuseFurther(request, response, onRefused);
    else {
      row.waiting.add(response);
      response.once('close', () => row.waiting.delete(response));
    }
    return !row.isOver;
  };
  return (request, response) => {
    // The first in line has the socket already.
    if (response.socket !== null || mayWait(request, response)) listener(request, response);
  };
}

/** node:http tells it to the first in line alone: whoever works for the others would go on, or wait for ever. */
function closeWaiting({ waiting }: Row): void {
  for (const response of waiting) {
    if (response.socket !== null) continue;
    response.destroy();
    response.emit('close');
  }
}
