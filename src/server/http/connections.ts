// How many connections there may be: each costs memory and a file descriptor, whether anything is asked on it or not.
import type { Server } from 'node:http';

/** Keeps the connections to `most`. Room for a new one is made by those on which nothing is asked. */
export function boundConnections(server: Server, most: number): void {
  server.maxConnections = most;
  server.on('drop', () => server.closeIdleConnections());
}
