// A way to a server on which some requests are lost: the connection breaks before the server has heard of them.
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LossyProxy {
  readonly url: string;
  readonly close: () => void;
}

/** Passes everything on to the server at `to`, but what `isLost`. */
export async function openLossyProxy(to: string, isLost: (request: IncomingMessage) => boolean): Promise<LossyProxy> {
  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (isLost(incoming)) return void incoming.socket.destroy();
    const { method, headers, url = '/' } = incoming;
    const outgoing = httpRequest(new URL(url, to), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  };
  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
