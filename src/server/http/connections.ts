// How many connections there may be. After a power cut ten thousand machines dial at once; each handshake is a millisecond of CPU, and
// those that begin together end together: too many of them, and all are too late. So some are finished, and the others dial again.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';

/** Half a second of a core: soon enough for each of them, however many dial. */
const mostHandshakes = 512;

/** Keeps the connections to `most`. Room for a new one is made by those on which nothing is asked. */
export function boundConnections(server: Server, most: number): void {
  server.maxConnections = most;
  server.on('drop', () => server.closeIdleConnections());
}

/** Closes what dials while so many handshakes are under way, and every connection whose handshake failed. */
export function boundHandshakes(server: TlsServer): void {
  let underWay = 0;
  server.on('connection', (socket: Socket) => {
    underWay += 1;
    if (underWay > mostHandshakes) socket.destroy();
  });
  server.on('secureConnection', () => (underWay -= 1));
  server.on('tlsClientError', (_error, socket) => {
    underWay -= 1;
    // What is written to it waits for the handshake, and the socket with it: for ever.
    socket.destroy();
  });
}
