// The typed client: one function per operation of openapi.yaml, by its operationId.
import { requireSubject } from './answer-subject.ts';
import { answerShapes, namedShapes } from './answers.gen.ts';
import { findMisshape, type Shape } from './check-shape.ts';
import { ApiProblem, ApiUnreachable, type Problem } from './problem.ts';
import { routes } from './routes.gen.ts';
import type { operations } from './schema.gen.ts';
import { joinParts, splitLines } from './lines.ts';
import {
  createTransport,
  type HttpAnswer,
  type HttpExchange,
  type Transport,
  type TransportOptions,
} from './transport.ts';

export type OperationId = keyof operations;

type PathOf<Op extends OperationId> = operations[Op]['parameters']['path'];
type QueryOf<Op extends OperationId> = operations[Op]['parameters']['query'];
type JsonBodyOf<Op extends OperationId> = operations[Op] extends {
  requestBody: { content: { 'application/json': infer Body } };
}
  ? Body
  : undefined;
type SuccessOf<Op extends OperationId> = operations[Op]['responses'] extends infer Responses
  ? Responses[keyof Responses & (200 | 201 | 204)]
  : never;
/** Of each successful answer that comes in this media type; never where none does. */
type AnswerIn<Success, Media extends string> = Success extends { content: Record<Media, infer Body> } ? Body : never;
/** The JSON answer of an operation; undefined for those that answer without a body. */
export type JsonAnswerOf<Op extends OperationId> = [AnswerIn<SuccessOf<Op>, 'application/json'>] extends [never]
  ? undefined
  : AnswerIn<SuccessOf<Op>, 'application/json'>;

/** One line of the answer of an operation that answers in lines. */
export type LineOf<Op extends OperationId> = AnswerIn<SuccessOf<Op>, 'application/x-ndjson'>;

export type CallOptions<Op extends OperationId> = (PathOf<Op> extends Record<string, string>
  ? { readonly path: PathOf<Op> }
  : { readonly path?: never }) &
  (JsonBodyOf<Op> extends undefined ? { readonly body?: never } : { readonly body: JsonBodyOf<Op> }) & {
    readonly query?: QueryOf<Op>;
  };

export interface RawOptions {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface ApiClientOptions extends TransportOptions {
  /** Bearer token. */
  readonly token?: string;
  /** Connections that several clients share: whoever made them closes them, `close` of a client does not. */
  readonly transport?: Transport;
  /** For callers that are hosts: makes the header `touchstone-proof`. */
  readonly prove?: Prove;
}

/** One request, as its proof has to name it. */
export interface RequestToProve {
  readonly method: string;
  /** Path and query as the server sees them. */
  readonly path: string;
  readonly body: Uint8Array | undefined;
  /** Milliseconds since 1970, by the server's clock as far as it is known. */
  readonly at: number;
}

export type Prove = (request: RequestToProve) => Promise<string>;

export interface ApiClient {
  /** Calls an operation with JSON and returns its JSON answer.
   * @throws ApiProblem when the server answers with a problem, ApiUnreachable when no usable answer arrives */
  call<Op extends OperationId>(operation: Op, options: CallOptions<Op>): Promise<JsonAnswerOf<Op>>;
  /** Calls an operation with bytes and headers of your own (CBOR bodies, EAR tokens, ETags). Answers below 400 are returned.
   * @throws ApiProblem, ApiUnreachable as above */
  callRaw(operation: OperationId, options: RawOptions): Promise<HttpAnswer>;
  /** Calls an operation whose answer comes in lines of JSON (application/x-ndjson), and hands them on as they arrive.
   * @throws ApiProblem, ApiUnreachable as above; also for an answer that ends within a line */
  callLines<Op extends OperationId>(operation: Op, options: CallOptions<Op>): AsyncIterable<LineOf<Op>>;
  /** Closes idle connections. */
  close(): void;
}

/** A client of one server. Connections are kept alive until `close`. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const transport = options.transport ?? createTransport(options);
  const authorization: Record<string, string> =
    options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };

  function requestOf(operation: OperationId, raw: RawOptions): HttpExchange {
    const route = routes[operation];
    const path = fillPath(route.path, raw.path ?? {}) + encodeQuery(raw.query ?? {});
    const headers = { accept: 'application/json', ...authorization, ...raw.headers };
    return { method: route.method, path, headers, ...(raw.body === undefined ? {} : { body: raw.body }) };
  }

  // A host may have no clock worth the name; the server says what time it is. Proofs made by its clock serve nobody else.
  let aheadMs = 0;
  async function withProof(request: HttpExchange): Promise<HttpExchange> {
    if (options.prove === undefined) return request;
    const { method, path, body } = request;
    const proof = await options.prove({ method, path, body, at: Date.now() + aheadMs });
    return { ...request, headers: { ...request.headers, 'touchstone-proof': proof } };
  }

  async function exchange(request: HttpExchange): Promise<HttpAnswer> {
    const answer = await transport.exchange(await withProof(request));
    const serverTime = options.prove && staleProofAt(answer);
    if (serverTime === undefined) return answer;
    aheadMs = serverTime - Date.now();
    return transport.exchange(await withProof(request));
  }

  async function callRaw(operation: OperationId, raw: RawOptions): Promise<HttpAnswer> {
    const answer = await exchange(requestOf(operation, raw));
    if (answer.status >= 400) throw problemOf(answer);
    const wanted = raw.headers?.['accept'];
    // Who takes several looks at what came.
    const isOpen = wanted === undefined || /[*,]/.test(wanted) || answer.status >= 300;
    const isWanted = isOpen || mediaTypeOf(answer) === mainPart(wanted);
    if (!isWanted) throw unpromised(answer);
    return answer;
  }

  async function call<Op extends OperationId>(operation: Op, given: CallOptions<Op>): Promise<JsonAnswerOf<Op>> {
    const answer = await callRaw(operation, encodeCall(given));
    const { json, empty } = answerShapes[operation];
    if (answer.status === empty && answer.body.length === 0) return undefined as JsonAnswerOf<Op>;
    if (json === undefined || answer.status !== json.status) throw unpromised(answer);
    const content = parseShape(answer, json.shape) as JsonAnswerOf<Op>;
    requireSubject(operation, given, content);
    return content;
  }

  async function* callLines<Op extends OperationId>(operation: Op, given: CallOptions<Op>): AsyncGenerator<LineOf<Op>> {
    const { headers, ...raw } = encodeCall(given);
    const request = requestOf(operation, { ...raw, headers: { ...headers, accept: 'application/x-ndjson' } });
    const answer = await transport.open(request);
    if (answer.status >= 400) throw problemOf({ ...answer, body: await joinParts(answer.parts) });
    const { line: promised } = answerShapes[operation];
    if (promised === undefined || answer.status !== promised.status) throw unpromised(answer);
    for await (const line of splitLines(answer.parts))
      yield parseShape({ ...answer, body: line }, promised.shape) as LineOf<Op>;
  }

  return { call, callRaw, callLines, close: () => (options.transport === undefined ? transport.close() : undefined) };
}

function encodeCall(given: { readonly path?: object; readonly query?: object | undefined; readonly body?: unknown }) {
  const { path, query, body } = given;
  const json = {
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
  return { path: { ...path }, query: { ...query }, ...(body === undefined ? {} : json) };
}

function fillPath(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`path parameter ${name} is missing`);
    if (value === '' || value === '.' || value === '..') throw namesAnotherPath(name, value);
    return encodeURIComponent(value);
  });
}

/** Such a name is lost where an address is read, however it is escaped: another operation would be asked. */
function namesAnotherPath(name: string, value: string): ApiProblem {
  return new ApiProblem({
    type: 'about:blank',
    title: 'The request does not fit the contract',
    status: 400,
    detail: `path.${name}: ${value === '' ? 'must not be empty' : `must not be ${value}`}`,
    instance: '',
    code: 'REQUEST_INVALID',
  });
}

function encodeQuery(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function parseJson(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.body));
  } catch (cause) {
    throw new ApiUnreachable('API_ANSWER_UNREADABLE', `the answer (status ${answer.status}) is not JSON`, cause);
  }
}

/** A problem is one, whatever else it does not say. */
const problemShape: Shape = { members: { code: 'text', title: 'text', 'detail?': 'text' } };

/** As the contract promises it. */
function parseShape(answer: HttpAnswer, shape: Shape): unknown {
  const value = parseJson(answer);
  const wrong = findMisshape(value, shape, namedShapes);
  if (wrong === undefined) return value;
  throw new ApiUnreachable(
    'API_ANSWER_UNREADABLE',
    `the answer (status ${answer.status}) is not what the contract promises: ${wrong} is not of its form`,
  );
}

function mediaTypeOf({ headers }: Pick<HttpAnswer, 'headers'>): string {
  return mainPart(headers['content-type'] ?? '');
}

/** Without its parameters. */
function mainPart(mediaType: string): string {
  return (mediaType.split(';')[0] ?? '').trim().toLowerCase();
}

function unpromised({ status }: Pick<HttpAnswer, 'status'>): ApiUnreachable {
  return new ApiUnreachable(
    'API_ANSWER_UNREADABLE',
    `the contract promises no such answer: it has status ${status}, or is of another type`,
  );
}

/** The server's time where it refused a proof for its age. */
function staleProofAt(answer: HttpAnswer): number | undefined {
  if (answer.status !== 401 || problemOf(answer).code !== 'AUTH_PROOF_STALE') return undefined;
  const at = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(at) ? undefined : at;
}

function problemOf(answer: HttpAnswer): ApiProblem | ApiUnreachable {
  const isProblem = answer.headers['content-type']?.startsWith('application/problem+json') === true;
  if (!isProblem)
    return new ApiUnreachable('API_ANSWER_UNREADABLE', `status ${answer.status} without a problem document`);
  const seconds = Number(answer.headers['retry-after']);
  return new ApiProblem(parseShape(answer, problemShape) as Problem, Number.isFinite(seconds) ? seconds : undefined);
}
