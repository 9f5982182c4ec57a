// The load: a bounded number of exchanges over a bounded number of kept connections.
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Connections {
  exchange(exchange: Exchange): Promise<Answer>;
  close(): void;
}

export const concurrency = 16;

export function connect(url: string, ca: string): Connections {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency, ca });
  const { hostname, port } = new URL(url);
  return {
    exchange: ({ method, path, headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': body.length };
        const outgoing = request({ hostname, port, agent, method, path, headers: { ...headers, ...length } });
        outgoing.on('error', reject);
        outgoing.on('response', (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () => {
            const { statusCode: status = 0, headers } = response;
            resolve({ status, headers, body: Buffer.concat(parts) });
          });
        });
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** Runs `work` `count` times, at most `concurrency` at once; each lane has a number. */
export async function drive(count: number, work: (lane: number) => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async (number: number): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await work(number);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, (_, number) => lane(number)));
}
