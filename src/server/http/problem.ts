// The one translator from failures to problem documents. [RFC9457]
import { AttestationError, VerificationError } from '../../core/error.ts';
import { errorCodes, type ErrorCode } from '../../core/error-codes.ts';
import type { Problem, ServerProblemCode } from '../../api/index.ts';
import { ServerError, serverErrors } from '../errors.ts';

/** What a code becomes on the wire. */
interface ProblemTemplate {
  readonly status: number;
  readonly title: string;
  readonly remedy: string;
}

const problemTypeBase = 'https://touchstone.dev/problems/';

export interface TranslatedProblem {
  readonly body: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** Not foreseen: to be logged, and nothing of it to be told. */
  readonly unexpected: boolean;
}

export function toProblem(error: unknown, instance: string): TranslatedProblem {
  if (error instanceof ServerError) return serverProblem(error, instance);
  if (error instanceof AttestationError) return coreProblem(error, instance);
  if (isExpressRefusal(error))
    return serverProblem(new ServerError('REQUEST_INVALID', 'the URL is malformed'), instance);
  return { ...serverProblem(new ServerError('SERVER_INTERNAL'), instance), unexpected: true };
}

function serverProblem(error: ServerError, instance: string): TranslatedProblem {
  const template: ProblemTemplate = serverErrors[error.code];
  const isDetailed = error.message !== template.title;
  const body: Problem = {
    ...bodyOf(error.code, template, instance),
    ...(isDetailed && template.status < 500 ? { detail: error.message } : {}),
    ...(error.at === undefined ? {} : { at: error.at }),
    ...(error.protectedHosts === undefined ? {} : { protectedHosts: [...error.protectedHosts] }),
  };
  return { body, headers: error.headers, unexpected: false };
}

function coreProblem(error: AttestationError, instance: string): TranslatedProblem {
  const { cause, remedy: general } = errorCodes[error.code];
  const remedy = error.remedy ?? general;
  const template: ProblemTemplate = { status: statusOfCore(error), title: cause, remedy };
  const at = error.at === undefined ? {} : { at: error.at };
  return {
    body: { ...bodyOf(error.code, template, instance), detail: error.message, ...at },
    headers: {},
    unexpected: false,
  };
}

/** 400 for bytes that are not what they claim, 422 for a proof that fails. A code can be thrown as either: the class decides. */
function statusOfCore(error: AttestationError): number {
  return error instanceof VerificationError ? 422 : 400;
}

function bodyOf(
  code: ErrorCode | ServerProblemCode,
  { status, title, remedy }: ProblemTemplate,
  instance: string,
): Problem {
  return { type: problemType(code), title, status, code, instance, remedy };
}

/** `HOST_NAME_TAKEN` -> `https://touchstone.dev/problems/host-name-taken` */
function problemType(code: string): string {
  return problemTypeBase + code.toLowerCase().replaceAll('_', '-');
}

/** The router refuses malformed percent-encoding by itself. */
function isExpressRefusal(error: unknown): boolean {
  return error instanceof URIError;
}
