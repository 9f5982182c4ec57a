// Failures as the client meets them.
import type { components } from './schema.gen.ts';

export type Problem = components['schemas']['Problem'];

/** The server answered with a problem document. `code` is stable and listed in docs/errors.md. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly problem: Problem;
  /** From Retry-After, when the server sent one. */
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiProblem';
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export type TransportCode =
  'API_UNREACHABLE' | 'API_TLS_FAILED' | 'API_TIMEOUT' | 'API_ANSWER_TOO_LARGE' | 'API_ANSWER_UNREADABLE';

/** No usable answer arrived. Nothing is known about what the server did. */
export class ApiUnreachable extends Error {
  readonly code: TransportCode;

  constructor(code: TransportCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ApiUnreachable';
    this.code = code;
  }
}
