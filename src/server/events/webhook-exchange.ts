// One request to a receiver: to a host that the configuration names, over verified TLS, without redirects, bounded in time and
// size. Names that lead to addresses nobody serves webhooks on are refused when they are resolved, not before.
import { lookup as resolveName } from 'node:dns';
import { request as httpRequest, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

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

function isLoopbackName(name: string): boolean {
  return name === 'localhost' || (isIP(name) === 4 && loopback.check(name, 'ipv4'));
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
        const literal = url.hostname.replace(/^\[|\]$/g, '');
        if (isIP(literal) !== 0 && isRefused(literal, policy)) {
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

/** What went wrong, in a word for operators. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'no answer in time';
  return (error as NodeJS.ErrnoException).code ?? error.name;
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

/** Thrown inside this file alone, and told as its code. */
class RefusedAddress extends TypeError {
  readonly code = 'an address that is not allowed';
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Unspecified, link-local (where clouds serve credentials), multicast and reserved. */
const never = new BlockList();
never.addSubnet('0.0.0.0', 8, 'ipv4');
never.addSubnet('169.254.0.0', 16, 'ipv4');
never.addSubnet('224.0.0.0', 3, 'ipv4');
never.addAddress('::', 'ipv6');
never.addSubnet('fe80::', 10, 'ipv6');
never.addSubnet('ff00::', 8, 'ipv6');

function isRefused(address: string, { allowLoopback }: Pick<WebhookPolicy, 'allowLoopback'>): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return never.check(address, family) || (!allowLoopback && loopback.check(address, family));
}

/** Resolves a name, and refuses it when any of its addresses is refused: the one that is used is among those that were judged. */
function createLookup(policy: WebhookPolicy): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '');
        return;
      }
      const [first] = addresses;
      const isBad = addresses.some(({ address }) => isRefused(address, policy));
      if (first === undefined || isBad) callback(new RefusedAddress(), '');
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
