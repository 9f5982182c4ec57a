// One HTTP exchange over node:http or node:https: bounded in time and size, no redirects, no proxies, no decompression.
import { request as httpRequest, Agent as HttpAgent } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage, ClientRequest } from 'node:http';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { asUnreachable } from './lost-exchange.ts';
import { ApiUnreachable } from './problem.ts';

const answerLimit = 64 * 1024 * 1024;

export interface TransportOptions {
  /** For example `https://attest.example:8443`. A path is kept as a prefix. */
  readonly baseUrl: string;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
  /** PEM client certificate and key, for mutual TLS. */
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** For the whole exchange. 30 s when absent. */
  readonly timeoutMs?: number;
  /** The certificates and the key above, read already. */
  readonly secureContext?: SecureContext;
}

export interface HttpExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** An answer whose body is read as it arrives. */
export interface OpenAnswer extends Omit<HttpAnswer, 'body'> {
  readonly parts: AsyncIterable<Uint8Array>;
}

export interface Transport {
  exchange(request: HttpExchange): Promise<HttpAnswer>;
  /** The time limit holds for each wait, not for the whole answer. Leaving the loop over `parts` ends the exchange. */
  open(request: HttpExchange): Promise<OpenAnswer>;
  close(): void;
}

/** @throws TypeError when the base URL is neither http nor https */
export function createTransport(options: TransportOptions): Transport {
  const base = new URL(options.baseUrl);
  if (base.protocol !== 'http:' && base.protocol !== 'https:') throw new TypeError('the server URL must be http(s)');
  const secure = base.protocol === 'https:';
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, ...tlsOptions(options) })
    : new HttpAgent({ keepAlive: true });
  const prefix = base.pathname.replace(/\/+$/, '');
  const timeoutMs = options.timeoutMs ?? 30_000;
  const begin = (request: HttpExchange): ClientRequest => {
    const url = new URL(prefix + request.path, base);
    const headers = { ...request.headers, ...lengthHeader(request.body) };
    const settings = { method: request.method, headers, agent };
    return secure ? httpsRequest(url, settings) : httpRequest(url, settings);
  };
  return {
    exchange: async (request) => runExchange(begin(request), request.body, timeoutMs),
    open: async (request) => openExchange(begin(request), request.body, timeoutMs),
    close: () => {
      agent.destroy();
    },
  };
}

/** For many transports to one server: what they trust is read once, and not for each connection. */
export function readTlsOnce(options: TransportOptions): TransportOptions {
  return { ...options, secureContext: createSecureContext(tlsOptions(options)) };
}

function tlsOptions(options: TransportOptions): SecureContextOptions & Pick<TransportOptions, 'secureContext'> {
  if (options.secureContext !== undefined) return { secureContext: options.secureContext };
  return {
    minVersion: 'TLSv1.2',
    // In a list: an empty text by itself would stand for the system's authorities.
    ...(options.ca === undefined ? {} : { ca: [options.ca] }),
    ...(options.clientCertificate === undefined ? {} : { cert: options.clientCertificate }),
    ...(options.clientKey === undefined ? {} : { key: options.clientKey }),
  };
}

function lengthHeader(body: Uint8Array | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(body.length) };
}

function runExchange(outgoing: ClientRequest, body: Uint8Array | undefined, timeoutMs: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      outgoing.destroy(new ApiUnreachable('API_TIMEOUT', `no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    outgoing.on('error', (cause) => {
      settle(() => reject(asUnreachable(cause, outgoing)));
    });
    outgoing.on('response', (response) => {
      readAll(response).then(
        (bytes) => {
          settle(() => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }));
        },
        (cause: unknown) => {
          settle(() => reject(asUnreachable(cause, outgoing)));
        },
      );
    });
    outgoing.end(body);
  });
}

function openExchange(outgoing: ClientRequest, body: Uint8Array | undefined, timeoutMs: number): Promise<OpenAnswer> {
  let late: ApiUnreachable | undefined;
  return new Promise((resolve, reject) => {
    outgoing.setTimeout(timeoutMs, () => {
      late = new ApiUnreachable('API_TIMEOUT', `nothing arrived for ${timeoutMs} ms`);
      outgoing.destroy(late);
    });
    outgoing.on('error', (cause) => reject(asUnreachable(cause, outgoing)));
    outgoing.on('response', (response) => {
      const { statusCode = 0, headers } = response;
      resolve({ status: statusCode, headers, parts: readParts(response, outgoing, () => late) });
    });
    outgoing.end(body);
  });
}

/** What cut the answer short is known to `reason`; the response itself only knows that it was cut. */
async function* readParts(
  response: IncomingMessage,
  outgoing: ClientRequest,
  reason: () => ApiUnreachable | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of response as AsyncIterable<Uint8Array>) yield part;
  } catch (cause) {
    throw reason() ?? asUnreachable(cause, outgoing);
  }
}

async function readAll(response: IncomingMessage): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > answerLimit) throw new ApiUnreachable('API_ANSWER_TOO_LARGE', 'the answer exceeds 64 MiB');
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
