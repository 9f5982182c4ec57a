// A way to a server on which some requests are lost: the connection breaks before the server has heard of them.
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback, type Loopback } from './loopback.ts';

/** Passes everything on to the server at `to`, but what `isLost`. */
export async function openLossyProxy(to: string, isLost: (request: IncomingMessage) => boolean): Promise<Loopback> {
  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (isLost(incoming)) return void incoming.socket.destroy();
    const { method, headers, url = '/' } = incoming;
    const outgoing = httpRequest(new URL(url, to), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  };
  return listenOnLoopback(createServer(pass));
}
