// A server of a test's own, on loopback: where it is, and its end.
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Loopback {
  /** Where a server without TLS is. */
  readonly url: string;
  readonly port: number;
  /** Cuts the connections that are still open. */
  readonly close: () => Promise<void>;
}

/** Has it listen on a port that nobody else has. */
export async function listenOnLoopback(server: Server | TlsServer): Promise<Loopback> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
