// What every answer carries, good or bad, by whichever door the request came.
import type { ServerResponse } from 'node:http';
import helmet from 'helmet';

/** What an operation or a refusal adds. */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** Names and values in turn, as `writeHead` takes them. */
export type AnswerHead = string[];

/** Those that mean something on an answer that no browser shows as a page: whoever gets one to open it, to frame it or to load it into a
 * page of their own comes to nothing, and never without TLS. Helmet's others are about what a page may do. [OWASP-REST] */
const meant: ReadonlySet<string> = new Set([
  'content-security-policy',
  'cross-origin-resource-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
]);

/** The same for every request: helmet's headers are taken down once. */
const securityHead: Readonly<AnswerHead> = recordHead((response) =>
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  })(undefined as never, response, (error?: unknown) => {
    if (error !== undefined) throw new TypeError('the security headers cannot be made', { cause: error });
  }),
);

function recordHead(write: (response: ServerResponse) => void): AnswerHead {
  const head: AnswerHead = [];
  const recorder = {
    setHeader: (name: string, value: string): void => {
      if (meant.has(name.toLowerCase())) head.push(name.toLowerCase(), value);
    },
    removeHeader: (): void => undefined,
  };
  write(recorder as unknown as ServerResponse);
  return head;
}

/** The head of an answer with a body of `mediaType`, or with none; `length`: the bytes of the body, where they are known. */
export function headOf(mediaType: string | undefined, own: AnswerHeaders = {}, length?: number): AnswerHead {
  const head = [...securityHead];
  if (mediaType !== undefined) head.push('content-type', contentTypeOf(mediaType));
  if (length !== undefined) head.push('content-length', String(length));
  // Nothing is kept by caches in between, unless an operation says otherwise.
  if (own['cache-control'] === undefined) head.push('cache-control', 'no-store');
  for (const name of Object.keys(own)) head.push(name, own[name] ?? '');
  return head;
}

function contentTypeOf(mediaType: string): string {
  const isText = mediaType.startsWith('text/') || mediaType === 'application/json';
  return isText ? `${mediaType}; charset=utf-8` : mediaType;
}
