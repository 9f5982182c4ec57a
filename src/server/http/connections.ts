// How many connections there may be: each costs memory and a file descriptor, whether anything is asked on it or not.
import type { Server } from 'node:http';

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
