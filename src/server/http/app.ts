// The HTTP surface: express carries the requests; what happens to each of them is the list in `serve`.
import { randomUUID } from 'node:crypto';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { routes, type OperationId } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { access, anonymous, isAllowed, type Principal } from '../auth/access.ts';
import { authenticate } from '../auth/authenticate.ts';
import { checkProvenBody } from '../auth/prove-host.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { checkBodyHeaders, parseBody, readBody } from './body.ts';
import type { Place } from '../load/load-gate.ts';
import { loadContract, type Contract, type OperationContract } from './contract.ts';
import type { ApiAnswer, ApiRequest, Handler } from './handler.ts';
import { handlers } from './handlers.ts';
import { endAndLinger } from './linger.ts';
import { toProblem } from './problem.ts';
import { sendAnswer } from './send-answer.ts';

export interface AppOptions {
  readonly context: ServerContext;
  /** True from the moment the server begins to stop. */
  readonly isDraining: () => boolean;
}

interface Exchange {
  readonly id: string;
  readonly startedAt: number;
  operation: OperationId | undefined;
  principal: Principal;
}

export function createApp(options: AppOptions): Express {
  const contract = loadContract();
  checkComplete(contract);
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing').enable('strict routing');
  app.use(securityHeaders());
  app.use((request, response, next) => {
    response.locals['exchange'] = {
      id: randomUUID(),
      startedAt: performance.now(),
      operation: undefined,
      principal: anonymous,
    };
    checkVersion(request);
    next();
  });
  for (const [path, operations] of operationsByPath()) {
    const route = app.route(path.replace(/\{(\w+)\}/g, ':$1'));
    for (const operation of operations) {
      const method = routes[operation].method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';
      route[method]((request, response) => serve(request, response, { ...options, contract: contract[operation] }));
    }
    route.all(refuseMethod(operations));
  }
  app.use(() => {
    throw new ServerError('REQUEST_ROUTE_UNKNOWN');
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error);
    else sendProblem(error, request, response, options.context);
  });
  return app;
}

/** HTTP/1.1 with its Host, or HTTP/1.0: the parser would let HTTP/0.9 pass. [RFC9112 §2.3, §3.2]
 * @throws ServerError REQUEST_HTTP_MALFORMED */
function checkVersion({ httpVersion, headers }: Request): void {
  if (httpVersion === '1.0' || (httpVersion === '1.1' && headers.host !== undefined)) return;
  throw new ServerError('REQUEST_HTTP_MALFORMED', undefined, { headers: { connection: 'close' } });
}

interface Service extends AppOptions {
  readonly contract: OperationContract;
}

/** What happens to a request, in order: bounds, identity, right, a place to work, body, contract, work, contract again, answer. */
async function serve(request: Request, response: Response, { context, isDraining, contract }: Service): Promise<void> {
  const { operation, consumes } = contract;
  const exchange = exchangeOf(response);
  exchange.operation = operation;
  if (isDraining() && operation !== 'getHealth') {
    throw new ServerError('SERVER_DRAINING', undefined, { headers: { 'retry-after': '5', connection: 'close' } });
  }
  const limit = bodyLimit(operation, context);
  checkBodyHeaders(request, consumes, limit);
  const { store, now, config, memory } = context;
  const { serverId, auth } = config;
  exchange.principal = await authenticate(request, { store, keys: memory.keys, serverId, clients: auth.clients, now });
  authorise(exchange.principal, operation, request, context);
  const place = createPlace(context, operation, exchange.principal);
  // A host waits at the door, before its body is read. Strangers could hold every place by sending slowly.
  if (exchange.principal.role === 'host') place.take();
  try {
    const answer = await work(request, exchange.principal, {
      context,
      contract,
      limit,
      place,
      signal: closing(response),
    });
    checkAnswer(contract, answer);
    await sendAnswer(answer, response, { log: context.log, id: exchange.id, operation });
  } finally {
    place.leave();
  }
  logExchange(request, response, context);
}

/** What hosts do, all of them at once when the power comes back. Whatever was begun is finished first. */
const stageOfHostWork: Readonly<Partial<Record<OperationId, 'opening' | 'finishing'>>> = {
  createEnrollment: 'opening',
  activateEnrollment: 'finishing',
  createChallenge: 'opening',
  createAttestation: 'finishing',
};

/** The place of one request, taken once; of other work none is needed. */
function createPlace({ gate }: ServerContext, operation: OperationId, { actor }: Principal) {
  const stage = stageOfHostWork[operation];
  let place: Place | undefined;
  return {
    take: (): void => void (place ??= stage && gate.enter(actor, stage)),
    turn: async (): Promise<void> => place?.turn(),
    leave: (): void => place?.leave(),
  };
}

/** Aborted when the answer is out, or the caller gone. */
function closing(response: Response): AbortSignal {
  const end = new AbortController();
  response.once('close', () => end.abort());
  return end.signal;
}

interface Work {
  readonly context: ServerContext;
  readonly contract: OperationContract;
  readonly limit: number;
  readonly place: ReturnType<typeof createPlace>;
  readonly signal: AbortSignal;
}

async function work(
  request: Request,
  principal: Principal,
  { context, contract, limit, place, signal }: Work,
): Promise<ApiAnswer<OperationId>> {
  const { operation, consumes, produces } = contract;
  const accept = negotiate(request, produces);
  const path = contract.readParameters('path', request.params);
  const query = contract.readParameters('query', request.query);
  const bytes = consumes.length === 0 ? new Uint8Array() : await readBody(request, limit);
  checkProvenBody(bytes, principal.bodyDigest);
  const body = consumes.length === 0 ? undefined : parseBody(request, bytes);
  place.take();
  await place.turn();
  contract.checkBody(body);
  const headers = { ifNoneMatch: request.get('if-none-match'), lastEventId: request.get('last-event-id') };
  const call = { path, query, body, accept, principal, signal, ...headers };
  const handler = handlers[operation] as unknown as Handler<OperationId>;
  return handler(call as unknown as ApiRequest<OperationId>, context);
}

/** @throws ServerError AUTH_REQUIRED, AUTH_FORBIDDEN */
function authorise(principal: Principal, operation: OperationId, request: Request, { config }: ServerContext): void {
  const hostId = 'hostId' in request.params ? String(request.params['hostId']) : undefined;
  const openEnrolment = config.enrolment.mode === 'open';
  if (isAllowed(principal, { operation, hostId, openEnrolment })) return;
  if (principal.role === 'anonymous') {
    throw new ServerError('AUTH_REQUIRED', undefined, { headers: { 'www-authenticate': 'Bearer' } });
  }
  throw new ServerError('AUTH_FORBIDDEN', `role ${principal.role} may not call ${operation} here`);
}

/** @throws ServerError REQUEST_NOT_ACCEPTABLE */
function negotiate(request: Request, produces: readonly string[]): string {
  if (produces.length === 0) return '';
  const accepted = request.accepts([...produces]);
  if (accepted === false) throw new ServerError('REQUEST_NOT_ACCEPTABLE', `offered: ${produces.join(', ')}`);
  return accepted;
}

function bodyLimit(operation: OperationId, { config }: ServerContext): number {
  return operation === 'createAttestation' ? config.limits.evidenceBytes : config.limits.bodyBytes;
}

/** Our own mistakes do not leave the house: an answer that does not fit the contract is a failure of the server. */
function checkAnswer(contract: OperationContract, answer: ApiAnswer<OperationId>): void {
  if (!('body' in answer)) return;
  const mistake = contract.findResponseMistake(answer.status, answer.body);
  if (mistake !== undefined) throw new TypeError(`the answer of ${contract.operation} does not fit: ${mistake}`);
}

function sendProblem(error: unknown, request: Request, response: Response, context: ServerContext): void {
  const exchange = exchangeOf(response);
  const { body, headers, unexpected } = toProblem(error, exchange.id);
  if (unexpected || body.code.startsWith('STORAGE_'))
    context.log.error({ err: error, id: exchange.id, operation: exchange.operation }, 'unexpected failure');
  response.status(body.status).set({ 'cache-control': 'no-store', ...headers });
  response.type('application/problem+json');
  const text = JSON.stringify(body);
  // Of a body that was refused nothing more is kept: the connection ends with this answer.
  if (!request.complete && response.getHeader('connection') === 'close') endAndLinger(request, response, text);
  else response.end(text);
  logExchange(request, response, context, body.code);
}

function logExchange(request: Request, response: Response, { log }: ServerContext, code?: string): void {
  const { id, operation, principal, startedAt } = exchangeOf(response);
  log.info({
    id,
    operation,
    method: request.method,
    path: printable(request.path, 256),
    status: response.statusCode,
    code,
    actor: principal.actor,
    ms: Math.round((performance.now() - startedAt) * 10) / 10,
  });
}

function exchangeOf(response: Response): Exchange {
  return response.locals['exchange'] as Exchange;
}

function refuseMethod(operations: readonly OperationId[]): (request: Request) => never {
  const methods: string[] = operations.map((operation) => routes[operation].method);
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
  return () => {
    throw new ServerError('REQUEST_METHOD_NOT_ALLOWED', `allowed: ${allow}`, { headers: { allow } });
  };
}

function operationsByPath(): ReadonlyMap<string, readonly OperationId[]> {
  const byPath = new Map<string, OperationId[]>();
  for (const [operation, { path }] of Object.entries(routes)) {
    byPath.set(path, [...(byPath.get(path) ?? []), operation as OperationId]);
  }
  return byPath;
}

/** The compiler holds this too; a contract that was edited after the build is caught here. */
function checkComplete(contract: Contract): void {
  for (const operation of Object.keys(contract)) {
    if (!Object.hasOwn(access, operation)) throw new TypeError(`${operation} has no row in the access table`);
    if (!Object.hasOwn(handlers, operation)) throw new TypeError(`${operation} has no handler`);
  }
}

function securityHeaders(): ReturnType<typeof helmet> {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}
