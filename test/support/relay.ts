// Something between that mixes up questions: it asks a real server something else than it was asked, and hands on the answer.
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { startPublisher } from './publisher.ts';

export interface Relay {
  readonly url: string;
  /** What is asked in place of what it was asked, by the body; a test may change it. */
  instead: (body: string) => string;
  close(): Promise<void>;
}

export async function startRelay(to: string, instead: (body: string) => string): Promise<Relay> {
  const publisher = await startPublisher((request, response) => {
    const passOn = async (): Promise<void> => {
      const answer = await ask(request);
      const type = answer.headers.get('content-type') ?? 'text/plain';
      response.writeHead(answer.status, { 'content-type': type }).end(Buffer.from(await answer.arrayBuffer()));
    };
    passOn().catch(() => response.destroy());
  });
  const relay: Relay = { url: `http://${publisher.address}`, instead, close: () => publisher.close() };
  return relay;

  async function ask(request: IncomingMessage): Promise<Response> {
    const sent = await text(request);
    const { method = 'GET', url = '/' } = request;
    const names = ['accept', 'authorization', 'content-type'];
    const headers = names.flatMap((name): [string, string][] => {
      const value = request.headers[name];
      return value === undefined ? [] : [[name, String(value)]];
    });
    return fetch(to + url, { method, headers, ...(sent === '' ? {} : { body: relay.instead(sent) }) });
  }
}
