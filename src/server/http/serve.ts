// What happens to a request whose operation is known, by whichever door it came: the same for all of them.
import type { ServerResponse } from 'node:http';
import type { OperationId } from '../../api/index.ts';
import { placementQuestions } from '../admission/admission-operations.ts';
import { isAllowed, type Principal } from '../auth/access.ts';
import { authenticate, checkToken, tokenOf, type Authenticator } from '../auth/authenticate.ts';
import { checkProvenBody } from '../auth/prove-host.ts';
import type { ClaimedToken } from '../auth/token.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { BodyRoom } from '../load/body-room.ts';
import type { Place } from '../load/load-gate.ts';
import { noteQuestion } from '../own-turn.ts';
import { isLater, soon, type Soon } from '../soon.ts';
import { checkBodyHeaders, parseBody, readBody, type BodyBounds } from './body.ts';
import type { OperationContract } from './contract.ts';
import { noteExchange, type Exchange } from './exchange.ts';
import type { ApiAnswer, ApiRequest, Handler } from './handler.ts';
import { handlers } from './operations/index.ts';
import { negotiate } from './negotiate.ts';
import { readAhead, type ContextAhead } from './read-ahead.ts';
import { sendAnswer } from './send-answer.ts';
import { sendProblem } from './send-problem.ts';

export interface Service {
  readonly context: ServerContext;
  /** True from the moment the server begins to stop. */
  readonly isDraining: () => boolean;
  /** What is answered at this address; every operation unless told. */
  readonly operations?: ReadonlySet<OperationId>;
}

/** What a door found out from the request line. */
export interface Target {
  readonly contract: OperationContract;
  /** Values of the path, decoded, and of the query, for this request alone: not checked yet. */
  readonly params: Record<string, unknown>;
  readonly query: Record<string, unknown>;
}

/** Answers in any case: what fails becomes a problem document. */
export async function serve(exchange: Exchange, target: Target, service: Service): Promise<void> {
  try {
    await perform(exchange, target, service);
    noteExchange(exchange, service.context);
  } catch (error) {
    sendProblem(error, exchange, service.context);
  }
}

/**
 * In order:
 *
 * 1. whether the operation is answered at this address, and now;
 * 2. what the headers say of the body: refused before anybody is asked who they are;
 * 3. who asks, and whether they may; hosts one at a time, while others ask where a workload may run;
 * 4. a place to work, for hosts;
 * 5. the body, and whether the request fits the contract;
 * 6. the work: the handler of the operation (`operations/`);
 * 7. whether the answer fits the contract, and out with it.
 */
async function perform(exchange: Exchange, { contract, params, query }: Target, service: Service): Promise<void> {
  const { operation, consumes } = contract;
  const { request } = exchange;
  exchange.operation = operation;
  // 1
  checkAnswered(operation, service);
  // 2
  const limit = bodyLimit(operation, service.context);
  checkBodyHeaders(request, consumes, limit);
  // 3
  const arrival = stageOfHostWork[operation] && service.context.gate.arrive();
  if (arrival !== undefined) {
    await arrival;
    // Whoever gave up meanwhile is not worth a signature.
    if (request.destroyed) throw new ServerError('REQUEST_ABORTED');
  }
  const claimed = tokenOf(request);
  const asked = { operation, params, claimed };
  let ahead = readAhead(service.context, { operation, params, tokenId: claimed?.id });
  try {
    const entering = enter(exchange, asked, ahead);
    if (isLater(entering)) await entering;
  } catch (error) {
    ahead = await enterAgain(exchange, asked, { ahead, error });
  }
  const { context } = ahead;
  // Of whoever may ask: a stranger makes no host's work dearer.
  if (placementQuestions.has(operation)) noteQuestion();
  const askAgain = request.complete ? undefined : againOf(exchange.principal, claimed, authenticatorOf(ahead));
  // 4
  const place = createPlace(context, operation, exchange.principal);
  // A host waits at the door, before its body is read. Strangers could hold every place by sending slowly.
  if (exchange.principal.role === 'host') place.take();
  try {
    // 5
    const reading = readCall(
      exchange,
      { contract, params, query },
      { limit, place, room: roomOf(exchange.principal, context), askAgain },
    );
    const call = isLater(reading) ? await reading : reading;
    // 6
    const work = handlerOf(operation);
    let answer: Soon<ApiAnswer<OperationId>>;
    try {
      answer = work(call, context);
      if (isLater(answer)) answer = await answer;
    } catch (error) {
      ahead = await enterAgain(exchange, asked, { ahead, error });
      answer = await work(call, ahead.context);
    }
    // 7
    const sender = {
      log: context.log,
      contract,
      stallMs: context.config.limits.stallSeconds * 1000,
      room: context.answers,
    };
    const sending = sendAnswer(answer, exchange, sender);
    if (sending !== undefined) await sending;
  } finally {
    place.leave();
  }
}

interface Asked {
  readonly operation: OperationId;
  readonly params: Target['params'];
  readonly claimed: ClaimedToken | undefined;
}

/** Who asks, and whether they may.
 * @throws ServerError AUTH_* */
function enter(exchange: Exchange, { operation, params, claimed }: Asked, ahead: ContextAhead): Soon<void> {
  return soon(authenticate(exchange.request, claimed, authenticatorOf(ahead)), (principal) => {
    exchange.principal = principal;
    authorise(principal, { operation, params }, ahead.context);
  });
}

function authenticatorOf({ context, findHost }: ContextAhead): Authenticator {
  const { reads, now, config, memory } = context;
  const { serverId, auth } = config;
  const store = { findToken: (id: string) => reads.findToken(id), findHost };
  return { store, keys: memory.keys, serverId, clients: auth.clients, now };
}

interface Refused {
  readonly ahead: ContextAhead;
  readonly error: unknown;
}

/** What says nothing of a host: to ask once more would only be to ask twice. */
const ofServer: ReadonlySet<ServerError['code']> = new Set(['SERVER_BUSY', 'STORAGE_UNREACHABLE']);

/** What was refused by what was recalled is begun once more, by what the database says: a recollection refuses nobody.
 * @throws `error`, where it was read, or recorded, or is the server's own; ServerError AUTH_* */
async function enterAgain(exchange: Exchange, asked: Asked, { ahead, error }: Refused): Promise<ContextAhead> {
  const isOfServer = error instanceof ServerError && ofServer.has(error.code);
  const again = isOfServer ? undefined : ahead.again();
  if (again === undefined) throw error;
  await enter(exchange, asked, again);
  return again;
}

/** @throws ServerError SERVER_DRAINING, SERVER_ADMISSION_ONLY */
function checkAnswered(operation: OperationId, { context, operations, isDraining }: Service): void {
  if (isDraining() && operation !== 'getHealth') {
    throw new ServerError('SERVER_DRAINING', undefined, { headers: { 'retry-after': '5', connection: 'close' } });
  }
  if (operations?.has(operation) !== false) return;
  const reason = `${operation} is answered at the main address, port ${context.config.listen.port}`;
  throw new ServerError('SERVER_ADMISSION_ONLY', reason);
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
    turn: (): Promise<void> | undefined => place?.turn(),
    leave: (): void => place?.leave(),
  };
}

/** Aborted when the answer is out, or the caller gone. */
function closing(response: ServerResponse): AbortSignal {
  const end = new AbortController();
  // Behind another answer there may be nobody to tell that it is closed: it is destroyed in any case.
  if (response.destroyed) end.abort();
  else response.once('close', () => end.abort());
  return end.signal;
}

interface Bounds extends BodyBounds {
  readonly place: ReturnType<typeof createPlace>;
  /** What is asked once the body is whole. */
  readonly askAgain: (() => Soon<unknown>) | undefined;
}

/** Who sends slowly chooses when a request is whole: after the token was revoked, too. What a host does rests on its own record, which is
 * read after its body. */
function againOf(
  { hostId }: Principal,
  claimed: ClaimedToken | undefined,
  authenticator: Parameters<typeof checkToken>[1],
): Bounds['askAgain'] {
  return claimed === undefined || hostId !== undefined ? undefined : () => checkToken(claimed, authenticator);
}

/** Everything that the request says, checked. */
function readCall(
  exchange: Exchange,
  { contract, params: path, query }: Target,
  bounds: Bounds,
): Soon<ApiRequest<OperationId>> {
  const { request, response, principal } = exchange;
  const { consumes, produces } = contract;
  const accept = negotiate(request, produces);
  contract.checkParameters('path', path);
  contract.checkParameters('query', query);
  const { 'if-none-match': ifNoneMatch, 'last-event-id': lastEventId } = request.headers;
  const signal = (): AbortSignal => closing(response);
  const callWith = (body: unknown): ApiRequest<OperationId> =>
    ({ path, query, body, accept, principal, signal, ifNoneMatch, lastEventId }) as unknown as ApiRequest<OperationId>;
  if (consumes.length > 0) return soon(readCheckedBody(exchange, contract, bounds), callWith);
  return soon(checkProvenBody(new Uint8Array(), principal.bodyDigest), () => callWith(undefined));
}

/** Resolves when it is its turn. */
async function readCheckedBody(
  { request, principal }: Exchange,
  contract: OperationContract,
  { limit, place, room, askAgain }: Bounds,
): Promise<unknown> {
  const bytes = await readBody(request, { limit, room });
  const proving = checkProvenBody(bytes, principal.bodyDigest);
  if (isLater(proving)) await proving;
  const parsing = parseBody(request, bytes, isKnown(principal) ? 'any-length' : 'short');
  const body = isLater(parsing) ? await parsing : parsing;
  place.take();
  await place.turn();
  await askAgain?.();
  contract.checkBody(body);
  return body;
}

/** The compiler knows each of them by its own operation. */
function handlerOf(operation: OperationId): Handler<OperationId> {
  return handlers[operation] as unknown as Handler<OperationId>;
}

/** @throws ServerError AUTH_REQUIRED, AUTH_FORBIDDEN */
function authorise(
  principal: Principal,
  { operation, params }: { readonly operation: OperationId; readonly params: Target['params'] },
  { config }: ServerContext,
): void {
  const hostId = 'hostId' in params ? String(params['hostId']) : undefined;
  const openEnrolment = config.enrolment.mode === 'open';
  if (isAllowed(principal, { operation, hostId, openEnrolment })) return;
  if (principal.role === 'anonymous') {
    throw new ServerError('AUTH_REQUIRED', undefined, { headers: { 'www-authenticate': 'Bearer' } });
  }
  throw new ServerError('AUTH_FORBIDDEN', `role ${principal.role} may not call ${operation} here`);
}

function bodyLimit(operation: OperationId, { config }: ServerContext): number {
  return operation === 'createAttestation' ? config.limits.evidenceBytes : config.limits.bodyBytes;
}

/** Hosts have none: each has its place before its body is read, and those are counted. */
function roomOf(principal: Principal, { bodies }: ServerContext): BodyRoom | undefined {
  if (principal.role === 'host') return undefined;
  return isKnown(principal) ? bodies.known : bodies.strangers;
}

/** No host, and nobody who may become one. */
function isKnown({ role }: Principal): boolean {
  return role !== 'host' && role !== 'anonymous' && role !== 'joiner';
}
