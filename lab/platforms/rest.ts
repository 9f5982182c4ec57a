// Requests of the story itself, as an administrator would make them.
import { createTransport } from '../../src/api/index.ts';

export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Empty where there was no JSON. */
  readonly body: unknown;
}

export type Rest = (
  method: string,
  path: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
) => Promise<RestAnswer>;

/** @param presented with each request, unless a request brings its own */
export function openRest(baseUrl: string, presented: Readonly<Record<string, string>> = {}): Rest {
  return async (method, path, body, headers) => {
    const transport = createTransport({ baseUrl });
    try {
      const all = { accept: 'application/json', 'content-type': 'application/json', ...presented, ...headers };
      const bytes = body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) };
      const answer = await transport.exchange({ method, path, headers: all, ...bytes });
      const text = new TextDecoder().decode(answer.body);
      const parsed: unknown = /^[[{]/.test(text) ? JSON.parse(text) : {};
      return { status: answer.status, headers: answer.headers, text, body: parsed };
    } finally {
      transport.close();
    }
  };
}
