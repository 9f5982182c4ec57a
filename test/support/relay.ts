// Something between that mixes up questions: it asks a real server something else than it was asked, and hands on the answer.
import { startPublisher } from './publisher.ts';

export interface Relay {
  readonly url: string;
  /** What is asked in place of what it was asked, by the body; a test may change it. */
  instead: (body: string) => string;
  close(): Promise<void>;
}

export async function startRelay(to: string, instead: (body: string) => string): Promise<Relay> {
  const publisher = await startPublisher((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const { method = 'GET', headers, url = '/' } = request;
      const passed = ['accept', 'authorization', 'content-type'].map((name) => [name, String(headers[name] ?? '')]);
      const body = text === '' ? {} : { body: relay.instead(text) };
      void fetch(to + url, { method, headers: Object.fromEntries(passed.filter(([, value]) => value !== '')) as Record<string, string>, ...body }) // prettier-ignore
        .then(async (answer) => {
          const type = answer.headers.get('content-type') ?? 'text/plain';
          response.writeHead(answer.status, { 'content-type': type }).end(Buffer.from(await answer.arrayBuffer()));
        })
        .catch(() => response.destroy());
    });
  });
  const relay: Relay = { url: `http://${publisher.address}`, instead, close: () => publisher.close() };
  return relay;
}
