// A publisher of certificates and revocation lists on the loopback interface, which remembers what it was asked for.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publisher: Publisher = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return publisher;
}
