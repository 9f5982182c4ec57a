// Failures as one line for people: what happened, and what to do.
import { ApiProblem, ApiUnreachable, transportErrors } from '../api/index.ts';
import { AttestationError } from '../core/error.ts';
import { errorCodes } from '../core/error-codes.ts';
import { printable, printableAgain } from '../core/encoding/index.ts';
import { AgentError } from './errors.ts';

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
  /** The server's wish, where it named one. */
  readonly retryAfterSeconds: number | undefined;
}

/** Undefined for what is our own defect: let it surface. Text from the server is made printable. */
export function describeFailure(error: unknown): Failure | undefined {
  if (error instanceof AgentError) return failure(error.code, error.message, error.remedy);
  if (error instanceof ApiProblem) {
    const { problem, retryAfterSeconds } = error;
    return { ...failure(error.code, error.message, problem.remedy), retryAfterSeconds };
  }
  if (error instanceof ApiUnreachable) {
    return failure(error.code, error.message, transportErrors[error.code].remedy);
  }
  if (error instanceof AttestationError)
    return failure(error.code, error.message, error.remedy ?? errorCodes[error.code].remedy);
  return undefined;
}

/** `CODE: message. Remedy` */
export function formatFailure({ code, message, remedy }: Failure): string {
  return `${code}: ${message}${remedy === undefined ? '' : `. ${remedy}`}`;
}

function failure(code: string, message: string, remedy: string | undefined): Failure {
  return {
    code: printable(code, 100),
    message: printableAgain(message, 1000),
    remedy: remedy === undefined ? undefined : printableAgain(remedy, 1000),
    retryAfterSeconds: undefined,
  };
}
