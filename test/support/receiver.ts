// A receiver of events on loopback: permits them, proves who signed them, and keeps what it acknowledged.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { listenOnLoopback } from './loopback.ts';
import type { TlsFiles } from './tls-files.ts';
import { createWatchers } from './watchers.ts';

export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: Uint8Array;
}

export interface WireEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventReceiver {
  readonly url: string;
  /** `host:port`, for `events.webhookHosts`. */
  readonly host: string;
  /** Requests that were acknowledged, in order. */
  readonly accepted: readonly Received[];
  /** How many were sent, acknowledged or not. */
  readonly sent: number;
  events(): readonly WireEvent[];
  /** How the next requests are answered; undefined: acknowledged. */
  answer:
    ((request: Received) => { status: number; headers?: Record<string, string> } | 'never' | undefined) | undefined;
  permission: Readonly<Record<string, string>>;
  /** Resolves when `isEnough`, looked at after each request. */
  until(isEnough: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** With `tls` it is `localhost`, whose certificate the files hold. */
export async function startReceiver({ tls }: { readonly tls?: TlsFiles } = {}): Promise<EventReceiver> {
  const accepted: Received[] = [];
  const watchers = createWatchers();
  let sent = 0;
  const take = (received: Received, response: ServerResponse): void => {
    sent += 1;
    const answer = receiver.answer?.(received);
    if (answer === undefined) accepted.push(received);
    if (answer !== 'never') response.writeHead(answer?.status ?? 204, answer?.headers ?? {}).end();
    watchers.tell();
  };
  const listener: RequestListener = (request, response) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(200, receiver.permission).end();
      return;
    }
    // Of a request that is cut short there is nothing to say.
    void buffer(request).then(
      (body) => take({ headers: request.headers, body: new Uint8Array(body) }, response),
      () => undefined,
    );
  };
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }, listener);
  const { port, close } = await listenOnLoopback(server);
  const host = `${tls === undefined ? '127.0.0.1' : 'localhost'}:${port}`;
  const receiver: EventReceiver = {
    url: `${tls === undefined ? 'http' : 'https'}://${host}/events`,
    host,
    accepted,
    get sent() {
      return sent;
    },
    events: () => accepted.flatMap(({ body }) => JSON.parse(new TextDecoder().decode(body)) as WireEvent | WireEvent[]),
    answer: undefined,
    permission: { 'webhook-allowed-origin': 'test.example', 'webhook-allowed-rate': '*' },
    until: watchers.until,
    close,
  };
  return receiver;
}
