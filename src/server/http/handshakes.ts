// Whoever dials waits for its handshake: of one place one, then one of the next, and of each first come, first served. After a power cut ten
// thousand machines dial at once, each handshake is a millisecond of CPU, and those that begin together end together: too many of them, and
// all are too late. Whoever were cut off instead would dial again, each time later. A socket that waits costs little: TLS has not begun on it.
// Who dials and says nothing, or nothing more after its greeting, keeps nobody from a place: a few hundred of those would keep everybody from one.
import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import { createCrowds } from '../load/crowds.ts';
import { peerOf, placeOf } from './peer.ts';

export interface HandshakeBounds {
  /** How many are under way at once: they wait for their clients most of the time. */
  readonly atOnce: number;
  /** How many begin in one turn of the event loop: there is one heavy piece of work of those that are inside in each. */
  readonly eachTurn: number;
  /** How long one waits for its own to begin. */
  readonly longestWaitMs: number;
  /** How long one may say nothing at first. */
  readonly longestSilenceMs: number;
  /** Whoever is not done by then has its time, and no place any more. */
  readonly longestPlaceMs: number;
}

/** Four take about as long as an attestation. No client waits for longer than half a minute. In a herd of ten thousand greetings come late as well: where whoever
 * was silent for ten seconds was cut off, twice as many had to dial again (`npm run herd`). */
export const usualBounds: HandshakeBounds = {
  atOnce: 512,
  eachTurn: 4,
  longestWaitMs: 25_000,
  longestSilenceMs: 25_000,
  longestPlaceMs: 4000,
};

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

/** Call it before anybody dials, and before `boundConnections`, which bounds how many wait in all. */
export function queueHandshakes(server: Server, bounds: HandshakeBounds): Handshakes {
  const { atOnce, eachTurn, longestWaitMs, longestSilenceMs, longestPlaceMs } = bounds;
  const begin = server.listeners('connection') as Begin[];
  server.removeAllListeners('connection');
  /** Of which none has begun. */
  const dialled = new Set<Socket>();
  /** Who greeted, each with what is to be done before it begins. */
  const waiting = createCrowds<{ readonly socket: Socket; readonly release: () => void }>();
  /** By who dialled: a handshake ends with another socket than the one that it began on. */
  const begun = new Map<string, { readonly socket: Socket; readonly leavePlace: () => void }>();
  let underWay = 0;
  let hasTurn = false;

  function start(socket: Socket): void {
    const peer = peerOf(socket);
    const leavePlace = takePlace();
    begun.set(peer, { socket, leavePlace });
    socket.once('close', () => {
      leavePlace();
      if (begun.get(peer)?.socket === socket) begun.delete(peer);
    });
    for (const each of begin) each.call(server, socket);
  }

  /** Returns how to leave it. */
  function takePlace(): () => void {
    let isTaken = true;
    underWay += 1;
    const leave = (): void => {
      clearTimeout(timer);
      if (!isTaken) return;
      isTaken = false;
      underWay -= 1;
      proceed();
    };
    const timer = setTimeout(leave, longestPlaceMs).unref();
    return leave;
  }

  function turn(): void {
    hasTurn = false;
    let count = 0;
    while (underWay < atOnce) {
      if (count === eachTurn) {
        proceed();
        return;
      }
      const next = waiting.takeNext();
      if (next === undefined) return;
      // Whoever is gone is waited for no more: it tells its end some turns later, and the event loop would know no rest until then.
      if (next.socket.destroyed) continue;
      count += 1;
      next.release();
      start(next.socket);
    }
  }

  function proceed(): void {
    if (!hasTurn) setImmediate(turn);
    hasTurn = true;
  }

  function wait(socket: Socket): void {
    let timer = setTimeout(() => socket.destroy(), longestSilenceMs);
    let leaveWaiting = (): void => undefined;
    const leave = (): void => {
      clearTimeout(timer);
      dialled.delete(socket);
      leaveWaiting();
    };
    const giveBack = hearOut(socket, () => {
      clearTimeout(timer);
      timer = setTimeout(() => socket.destroy(), longestWaitMs);
      leaveWaiting = waiting.join(placeOf(socket), { socket, release });
      proceed();
    });
    const release = (): void => {
      socket.off('close', leave);
      leave();
      giveBack();
    };
    socket.once('close', leave);
    dialled.add(socket);
  }

  server.on('connection', wait);
  server.on('secureConnection', (socket) => {
    const peer = peerOf(socket);
    begun.get(peer)?.leavePlace();
    begun.delete(peer);
  });
  // What is written to it waits for the handshake, and the socket with it: for ever.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const cut = (sockets: Iterable<Socket>): void => [...sockets].forEach((socket) => socket.destroy());
  return { cutWaiting: () => cut(dialled), cutBegun: () => cut([...begun.values()].map(({ socket }) => socket)) };
}

/** Reads what a socket says meanwhile: else nobody would learn that its client has gone. Returns how to put it back. */
function hearOut(socket: Socket, onGreeting: () => void): () => void {
  const untrustedHello: Buffer[] = [];
  let untrustedHead = Buffer.alloc(0);
  let length = 0;
  let hasGreeted = false;
  const read = (): void => {
    for (let part = socket.read() as Buffer | null; part !== null; part = socket.read() as Buffer | null) {
      untrustedHello.push(part);
      if (untrustedHead.length < headBytes) untrustedHead = Buffer.concat([untrustedHead, part]).subarray(0, headBytes);
      length += part.length;
    }
    if (length > mostBytes) socket.destroy();
    else if (!hasGreeted && isWhole(untrustedHead, length)) {
      hasGreeted = true;
      onGreeting();
    }
  };
  const ignore = (): void => undefined;
  socket.on('readable', read).on('error', ignore);
  return () => {
    socket.off('readable', read).off('error', ignore);
    if (length > 0) socket.unshift(Buffer.concat(untrustedHello));
  };
}

/** Type, version and length. [RFC8446 §5.1] */
const headBytes = 5;
const handshakeType = 0x16;

/** Whether the first record is there, or can be none: that fails at once. */
function isWhole(untrustedHead: Buffer, length: number): boolean {
  if (length > 0 && untrustedHead[0] !== handshakeType) return true;
  return untrustedHead.length === headBytes && length >= headBytes + untrustedHead.readUInt16BE(3);
}
