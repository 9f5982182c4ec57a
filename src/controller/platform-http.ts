// Requests to the API of a platform, over the same bounded transport as those to Touchstone. What is presented is read anew for
// each request: tokens of service accounts and of Keystone rotate.
import { createTransport, joinParts, splitLines, type HttpAnswer, type Transport } from '../api/index.ts';
import { printable } from '../core/encoding/index.ts';
import { ControllerError } from './errors.ts';
import { orAborted } from './patience.ts';

/** Where the API is, and what is presented to it. */
export interface Access {
  readonly baseUrl: string;
  /** PEM; the system's authorities when undefined. */
  readonly ca: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PlatformRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; application/json unless the headers say otherwise. */
  readonly body?: unknown;
}

export interface PlatformHttp {
  /** Answers of any status.
   * @throws ApiUnreachable, and what the access throws */
  ask(request: PlatformRequest): Promise<HttpAnswer>;
  /** The lines of an answer of status 200, as they come; ends with the signal.
   * @throws ControllerError CONTROLLER_PLATFORM_REFUSED, ApiUnreachable */
  lines(path: string, signal: AbortSignal): AsyncIterable<unknown>;
  close(): void;
}

const answerMs = 30_000;
/** Watches end after a minute, and are not that long silent. */
const silentMs = 90_000;

interface Transports {
  readonly key: string;
  readonly answers: Transport;
  readonly lines: Transport;
}

export function createPlatformHttp(access: () => Promise<Access>): PlatformHttp {
  let known: Transports | undefined;
  const close = (): void => {
    known?.answers.close();
    known?.lines.close();
  };

  function transportsTo({ baseUrl, ca }: Access): Transports {
    const key = JSON.stringify([baseUrl, ca]);
    if (known?.key === key) return known;
    close();
    const to = (timeoutMs: number) => createTransport({ baseUrl, timeoutMs, ...(ca === undefined ? {} : { ca }) });
    return (known = { key, answers: to(answerMs), lines: to(silentMs) });
  }

  return {
    ask: async ({ method, path, headers, body }) => {
      const to = await access();
      const content = body === undefined ? {} : { 'content-type': 'application/json' };
      return transportsTo(to).answers.exchange({
        method,
        path,
        headers: { accept: 'application/json', ...content, ...to.headers, ...headers },
        ...(body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) }),
      });
    },
    lines: async function* (path, signal) {
      const to = await access();
      const headers = { accept: 'application/json', ...to.headers };
      const { parts, ...answer } = await transportsTo(to).lines.open({ method: 'GET', path, headers });
      if (answer.status !== 200) throw refusalOf({ ...answer, body: await joinParts(parts) }, 'watch');
      for await (const line of splitLines(until(signal, parts))) yield parseJson(line, 'watch');
    },
    close,
  };
}

/** Parts until the signal: nobody waits for one that may not come. */
async function* until(signal: AbortSignal, parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = parts[Symbol.asyncIterator]();
  try {
    for (;;) {
      const result = await orAborted(iterator.next(), signal);
      if (result === undefined || result.done === true) return;
      yield result.value;
    }
  } finally {
    // A generator that waits for its next part ends with the connection, which `close` ends.
    void iterator.return?.();
  }
}

/** The JSON of an answer below 300.
 * @throws ControllerError CONTROLLER_PLATFORM_REFUSED, CONTROLLER_PLATFORM_UNREADABLE */
export function readAnswer(answer: HttpAnswer, what: string): unknown {
  if (answer.status >= 300) throw refusalOf(answer, what);
  return parseJson(answer.body, what);
}

function refusalOf({ status, headers, body }: HttpAnswer, what: string): ControllerError {
  const seconds = Number(headers['retry-after']);
  const said = printable(new TextDecoder().decode(body.subarray(0, 2000)).replaceAll(/\s+/g, ' ').trim(), 300);
  return new ControllerError('CONTROLLER_PLATFORM_REFUSED', `${what}: ${status}${said === '' ? '' : ` ${said}`}`, {
    status,
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
  });
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw unreadable(`${what}: the answer is not JSON`, cause);
  }
}

export function unreadable(message: string, cause?: unknown): ControllerError {
  return new ControllerError('CONTROLLER_PLATFORM_UNREADABLE', message, { cause });
}
