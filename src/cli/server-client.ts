// Requests to a Touchstone server, typed by the contract. Answers are read whole and bounded; a problem document becomes a
// ServerProblem, and anything else that is not the contract's answer is no answer.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { routes, type operations } from '../api/index.ts';
import { printable } from '../core/encoding/index.ts';
import { CliError } from './errors.ts';
import { systemReason } from './files.ts';
import { asRecord } from './json.ts';

export type OperationId = keyof operations;

type JsonOf<T> = T extends { readonly content: { readonly 'application/json': infer Body } } ? Body : undefined;
type Responses<Id extends OperationId> = operations[Id]['responses'];

/** The JSON body of the success response (200 or 201). */
export type Success<Id extends OperationId> =
  Responses<Id> extends { readonly 200: infer Ok }
    ? JsonOf<Ok>
    : Responses<Id> extends { readonly 201: infer Created }
      ? JsonOf<Created>
      : undefined;

export type RequestBody<Id extends OperationId> = operations[Id] extends { readonly requestBody: infer Body }
  ? JsonOf<Body>
  : undefined;

export interface CallInput<Id extends OperationId> {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: RequestBody<Id>;
}

export interface ServerClient {
  readonly url: URL;
  call<Id extends OperationId>(id: Id, input?: CallInput<Id>): Promise<Success<Id>>;
  /** The answer in another media type: tokens. */
  text(id: OperationId, accept: string, path?: Readonly<Record<string, string>>): Promise<string>;
}

export interface ServerAddress {
  readonly url: URL;
  readonly token?: string | undefined;
  /** PEM of the authority that the server's certificate must chain to. */
  readonly ca?: Uint8Array | undefined;
  readonly timeoutMs?: number;
}

/** What the server refused, in the words of its problem document. */
export class ServerProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly remedy: string | undefined;
  readonly instance: string | undefined;

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    const text = (name: string) => (typeof body[name] === 'string' ? printable(body[name], 2000) : undefined);
    super(text('detail') ?? text('title') ?? `the server answered ${status}`);
    this.name = 'ServerProblem';
    this.status = status;
    this.code = text('code') ?? `HTTP_${status}`;
    this.remedy = text('remedy');
    this.instance = text('instance');
  }
}

const defaultTimeoutMs = 30_000;
const answerLimit = 64 * 1024 * 1024;

export function createServerClient(address: ServerAddress): ServerClient {
  return {
    url: address.url,
    call: async <Id extends OperationId>(id: Id, input: CallInput<Id> = {}) => {
      const answer = await send(address, id, input, 'application/json');
      return (answer.text === '' ? undefined : parseJson(answer)) as Success<Id>;
    },
    text: async (id, accept, path = {}) => (await send(address, id, { path }, accept)).text,
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function send(
  address: ServerAddress,
  id: OperationId,
  input: { readonly path?: Readonly<Record<string, string>>; readonly query?: CallInput<OperationId>['query']; readonly body?: unknown },
  accept: string,
): Promise<Answer> {
  const body = input.body === undefined ? undefined : JSON.stringify(input.body);
  const headers = {
    accept: `${accept}, application/problem+json`,
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...(address.token === undefined ? {} : { authorization: `Bearer ${address.token}` }),
  };
  const answer = await exchange(address, { method: routes[id].method, url: urlOf(address.url, id, input), headers, body });
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new ServerProblem(answer.status, parseProblem(answer.text));
}

function urlOf(base: URL, id: OperationId, input: { path?: CallInput<OperationId>['path']; query?: CallInput<OperationId>['query'] }): URL {
  const path = routes[id].path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(input.path?.[name] ?? ''));
  const url = new URL(base);
  url.pathname = base.pathname.replace(/\/$/, '') + path;
  for (const [name, value] of Object.entries(input.query ?? {})) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string | undefined;
}

function exchange({ ca, timeoutMs }: ServerAddress, { method, url, headers, body }: Exchange): Promise<Answer> {
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) =>
      reject(new CliError('CLI_SERVER_UNREACHABLE', `${printable(url.origin)}: ${reason}`, { cause }));
    const options = { method, headers, timeout: timeoutMs ?? defaultTimeoutMs, ...(ca === undefined ? {} : { ca: Buffer.from(ca) }) };
    const request = open(url, options, (response) => {
      readAnswer(response).then(resolve, (cause: unknown) => fail('the answer was cut off', cause));
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (cause) => fail(cause.message === 'timeout' ? 'no answer in time' : systemReason(cause), cause));
    request.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > answerLimit) throw new Error('too long');
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}

function parseJson({ text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError('CLI_SERVER_UNREACHABLE', 'the answer is no JSON: is this a Touchstone server?', { cause });
  }
}

function parseProblem(text: string): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(text)) ?? {};
  } catch {
    return {};
  }
}
