// What every answer carries, good or bad, by whichever door the request came.
import type { ServerResponse } from 'node:http';
import helmet from 'helmet';

export type AnswerHeaders = Readonly<Record<string, string>>;

/** Helmet's headers are the same for every request: they are taken down once. */
const securityHeaders: AnswerHeaders = recordHeaders((response) =>
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
  })(undefined as never, response, (error?: unknown) => {
    if (error !== undefined) throw new TypeError('the security headers cannot be made', { cause: error });
  }),
);

function recordHeaders(write: (response: ServerResponse) => void): AnswerHeaders {
  const headers: Record<string, string> = {};
  const recorder = {
    setHeader: (name: string, value: string): void => void (headers[name.toLowerCase()] = value),
    removeHeader: (): void => undefined,
  };
  write(recorder as unknown as ServerResponse);
  return headers;
}

/** Nothing is kept by caches in between, unless an operation says otherwise. */
const common: AnswerHeaders = { ...securityHeaders, 'cache-control': 'no-store' };

/** The head of an answer with a body of `mediaType`, or with none. */
export function headersOf(mediaType: string | undefined, own: AnswerHeaders = {}): AnswerHeaders {
  return mediaType === undefined
    ? { ...common, ...own }
    : { ...common, ...own, 'content-type': contentTypeOf(mediaType) };
}

function contentTypeOf(mediaType: string): string {
  const isText = mediaType.startsWith('text/') || mediaType === 'application/json';
  return isText ? `${mediaType}; charset=utf-8` : mediaType;
}
