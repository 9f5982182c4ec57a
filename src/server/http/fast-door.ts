// The door for what is asked most. A request that it knows at sight goes straight to `serve`; every other one goes to Express, also
// where Express would find the same operation. So this door decides nothing and refuses nothing: it only saves a way.
import type { IncomingMessage, RequestListener } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import { routes, type OperationId } from '../../api/index.ts';
import type { Contract } from './contract.ts';
import { beginExchange } from './exchange.ts';
import { isPlainHead, type RequestHead } from './request-head.ts';
import { serve, type Service } from './serve.ts';

/** What a whole fleet and its orchestrators ask all the time. */
const fastOperations = ['getVerdict', 'createChallenge', 'createAttestation'] as const satisfies readonly OperationId[];

export interface FastMatch {
  readonly operation: OperationId;
  readonly params: Record<string, string>;
  readonly query: Record<string, unknown>;
}

export function createFastDoor(service: Service, contract: Contract, behind: RequestListener): RequestListener {
  return (request, response) => {
    const match = matchFast(request);
    if (match === undefined) {
      behind(request, response);
      return;
    }
    const { operation, params, query } = match;
    void serve(beginExchange(request, response), { contract: contract[operation], params, query }, service);
  };
}

/** The operation, if it is one of the fast ones in its plainest form: HTTP/1.1 with one Host, a path without any encoding, and a query
 * that has only visible characters. */
export function matchFast(request: RequestHead & Pick<IncomingMessage, 'method' | 'url'>): FastMatch | undefined {
  const { method, url = '' } = request;
  if (!isPlainHead(request)) return undefined;
  for (const { operation, pattern, methods } of fastRoutes) {
    const found = methods.includes(method) ? pattern.exec(url) : null;
    if (found === null) continue;
    const [, hostId = '', query] = found;
    return { operation, params: { hostId }, query: query === undefined ? {} : parseQuery(query) };
  }
  return undefined;
}

const fastRoutes = fastOperations.map((operation) => {
  const { method, path } = routes[operation];
  // Unreserved characters: those that mean themselves in every reading of a path. [RFC3986 §2.3]
  const template = path.replace('{hostId}', '([A-Za-z0-9._~-]+)');
  const methods: readonly (string | undefined)[] = method === 'GET' ? ['GET', 'HEAD'] : [method];
  return { operation, methods, pattern: new RegExp(`^${template}(?:\\?([!-"$-~]*))?$`) };
});
