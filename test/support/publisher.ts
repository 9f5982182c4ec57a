// A publisher of certificates and revocation lists on the loopback interface, which remembers what it was asked for.
import { createServer, type RequestListener } from 'node:http';
import { listenOnLoopback } from './loopback.ts';

export interface Publisher {
  /** Host and port. */
  readonly address: string;
  /** Paths, as they were asked for. */
  readonly requests: readonly string[];
  /** What it answers; a test may change it. */
  answer: RequestListener;
  close(): Promise<void>;
}

export async function startPublisher(answer: RequestListener): Promise<Publisher> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    publisher.answer(request, response);
  });
  const { port, close } = await listenOnLoopback(server);
  const publisher: Publisher = {
    address: `127.0.0.1:${port}`,
    requests,
    answer,
    close,
  };
  return publisher;
}
