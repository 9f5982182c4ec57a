// Whoever dials waits for its handshake, first come, first served. After a power cut ten thousand machines dial at once, each handshake
// is a millisecond of CPU, and those that begin together end together: too many of them, and all are too late. Whoever were cut off
// instead would dial again, each time later. A socket that waits costs little: TLS has not begun on it.
import type { Socket } from 'node:net';
import type { Server } from 'node:tls';

export interface HandshakeBounds {
  /** How many are under way at once: they wait for their clients most of the time. */
  readonly atOnce: number;
  /** How many begin in one turn of the event loop: there is one heavy piece of work of those that are inside in each. */
  readonly eachTurn: number;
  /** How long one waits for its own to begin. */
  readonly longestWaitMs: number;
}

/** Four take about as long as an attestation. No client waits for longer than half a minute. */
export const usualBounds: HandshakeBounds = { atOnce: 512, eachTurn: 4, longestWaitMs: 25_000 };

/** A ClientHello is shorter, and nothing follows it before it is answered. [RFC8446 §4.1.2] */
const mostBytes = 16_384;

type Begin = (socket: Socket) => void;

/** For a server that stops. */
export interface Handshakes {
  /** Sends away who waits. */
  cutWaiting(): void;
  /** Ends those that are under way. */
  cutBegun(): void;
}

/** Call it before anybody dials. How many wait in all is bounded by `maxConnections` of the server: they count. */
export function queueHandshakes(server: Server, { atOnce, eachTurn, longestWaitMs }: HandshakeBounds): Handshakes {
  const begin = server.listeners('connection') as Begin[];
  server.removeAllListeners('connection');
  /** In the order in which they came, each with what is to be done before it begins. */
  const waiting = new Map<Socket, () => void>();
  /** By who dialled: a handshake ends with another socket than the one that it began on. */
  const begun = new Map<string, Socket>();
  let underWay = 0;
  let hasTurn = false;

  function start(socket: Socket): void {
    underWay += 1;
    const peer = peerOf(socket);
    begun.set(peer, socket);
    socket.once('close', () => begun.get(peer) === socket && begun.delete(peer));
    for (const each of begin) each.call(server, socket);
  }

  function turn(): void {
    hasTurn = false;
    let begun = 0;
    for (const [socket, release] of waiting) {
      if (underWay === atOnce) return;
      if (begun === eachTurn) break;
      // It closes in a moment.
      if (socket.destroyed) continue;
      begun += 1;
      release();
      start(socket);
    }
    if (waiting.size > 0) proceed();
  }

  function proceed(): void {
    if (!hasTurn) setImmediate(turn);
    hasTurn = true;
  }

  function end(): void {
    underWay -= 1;
    proceed();
  }

  function wait(socket: Socket): void {
    const giveBack = hearOut(socket);
    const timer = setTimeout(() => socket.destroy(), longestWaitMs);
    const leave = (): void => {
      clearTimeout(timer);
      waiting.delete(socket);
    };
    socket.once('close', leave);
    waiting.set(socket, () => {
      socket.off('close', leave);
      leave();
      giveBack();
    });
    proceed();
  }

  server.on('connection', wait);
  // Of each handshake that begins one of the two is told, once.
  server.on('secureConnection', (socket) => {
    begun.delete(peerOf(socket));
    end();
  });
  server.on('tlsClientError', (_error, socket) => {
    // What is written to it waits for the handshake, and the socket with it: for ever.
    socket.destroy();
    end();
  });
  const cut = (sockets: Iterable<Socket>): void => [...sockets].forEach((socket) => socket.destroy());
  return { cutWaiting: () => cut(waiting.keys()), cutBegun: () => cut(begun.values()) };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** Reads what a socket says meanwhile: else nobody would learn that its client has gone. Returns how to put it back. */
function hearOut(socket: Socket): () => void {
  const untrustedHello: Buffer[] = [];
  let length = 0;
  const read = (): void => {
    for (let part = socket.read() as Buffer | null; part !== null; part = socket.read() as Buffer | null) {
      untrustedHello.push(part);
      length += part.length;
    }
    if (length > mostBytes) socket.destroy();
  };
  const ignore = (): void => undefined;
  socket.on('readable', read).on('error', ignore);
  return () => {
    socket.off('readable', read).off('error', ignore);
    if (length > 0) socket.unshift(Buffer.concat(untrustedHello));
  };
}
