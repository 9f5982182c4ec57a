// One request to a receiver: to a host that the configuration names, over verified TLS, without redirects, bounded in time and
// size. Names that lead to addresses nobody serves webhooks on are refused when they are resolved, not before.
import { request as httpRequest, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import { createLookup, isLoopbackName, isRefusedLiteral, RefusedAddress } from './addresses.ts';

export interface WebhookPolicy {
  /** `host` or `host:port`. */
  readonly hosts: readonly string[];
  /** For trials: this machine may be a receiver, and then without TLS. */
  readonly allowLoopback: boolean;
  /** PEM certificates to trust instead of the system's. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
}

export interface WebhookRequest {
  readonly method: 'OPTIONS' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface WebhookAnswer {
  readonly status: number;
  header(name: string): string | undefined;
}

export interface WebhookLine {
  /** @throws Error of the network, or an abort. A status is no failure here. */
  exchange(request: WebhookRequest): Promise<WebhookAnswer>;
  close(): void;
}

const mostAnswerBytes = 65_536;

/** An address that may be a webhook; undefined when it may not. */
export function webhookUrl(text: string, { hosts, allowLoopback }: WebhookPolicy): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
  if (!hosts.includes(url.host)) return undefined;
  if (url.protocol === 'https:') return url;
  return url.protocol === 'http:' && allowLoopback && isLoopbackName(url.hostname) ? url : undefined;
}

/** A connection that is kept for one receiver. */
export function openWebhook(url: URL, policy: WebhookPolicy): WebhookLine {
  const isSecure = url.protocol === 'https:';
  const ca = policy.ca === undefined ? {} : { ca: policy.ca };
  const agent = isSecure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 1, minVersion: 'TLSv1.2', ...ca })
    : new HttpAgent({ keepAlive: true, maxSockets: 1 });
  const lookup = createLookup(policy);
  return {
    exchange: ({ method, headers, body, signal }) => {
      const timeout = AbortSignal.timeout(policy.timeoutMs);
      const end = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
      return new Promise((resolve, reject) => {
        if (isRefusedLiteral(url.hostname, policy)) {
          reject(new RefusedAddress());
          return;
        }
        const length = body === undefined ? {} : { 'content-length': String(body.length) };
        const settings = { method, agent, lookup, signal: end, headers: { ...headers, ...length } };
        const outgoing = isSecure ? httpsRequest(url, settings) : httpRequest(url, settings);
        outgoing.on('error', reject);
        outgoing.on('response', (response) => {
          drain(response).then(() => resolve(answerOf(response)), reject);
        });
        outgoing.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}

/** Reads the answer to its end, so that the connection can be used again; of a long one the connection ends. */
function drain(response: IncomingMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    let size = 0;
    response.on('data', (part: Uint8Array) => {
      size += part.length;
      if (size <= mostAnswerBytes) return;
      response.destroy();
      resolve();
    });
    response.on('end', resolve).on('error', reject);
  });
}

function answerOf({ statusCode, headers }: IncomingMessage): WebhookAnswer {
  return {
    status: statusCode ?? 0,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
  };
}
