// The one translator from what was thrown to what an operator reads. Unknown failures are named as our own defect.
import { ApiProblem, ApiUnreachable, transportErrors } from '../api/index.ts';
import { errorCodes } from '../core/error-codes.ts';
import { AttestationError, CodedError } from '../core/error.ts';
import { printable, printableAgain } from '../core/encoding/index.ts';
import { CliError, cliErrors, RefusedError } from './errors.ts';
import type { Refusal } from './report.ts';

export interface Thrown {
  readonly refusal: Refusal;
  readonly misuse: boolean;
}

export function toRefusal(error: unknown): Thrown {
  if (error instanceof CliError) {
    return {
      refusal: { code: error.code, message: error.message, remedy: cliErrors[error.code].remedy },
      misuse: error.misuse,
    };
  }
  if (error instanceof AttestationError) {
    const message = printable(error.message) + printable(placeOf(error));
    const remedy = error.remedy === undefined ? errorCodes[error.code].remedy : printable(error.remedy, 2048);
    return { refusal: { code: error.code, message, remedy }, misuse: false };
  }
  if (error instanceof RefusedError) {
    const { code, message, remedy, protectedHosts } = error;
    return {
      refusal: { code, message: printableAgain(message), remedy, ...withLosses(protectedHosts) },
      misuse: false,
    };
  }
  if (error instanceof ApiProblem) {
    const { problem } = error;
    const remedy = problem.remedy === undefined ? undefined : printableAgain(problem.remedy);
    const [code, message] = [printable(error.code), printableAgain(error.message)];
    return { refusal: { code, message, remedy, ...withLosses(problem.protectedHosts) }, misuse: false };
  }
  if (error instanceof ApiUnreachable) {
    const { remedy } = transportErrors[error.code];
    return { refusal: { code: error.code, message: printable(error.message), remedy }, misuse: false };
  }
  if (error instanceof CodedError) {
    return {
      refusal: { code: error.code, message: printableAgain(error.message), remedy: error.remedy },
      misuse: false,
    };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no error was thrown';
  return {
    refusal: { code: 'CLI_INTERNAL', message: printable(message), remedy: cliErrors.CLI_INTERNAL.remedy },
    misuse: false,
  };
}

function withLosses(protectedHosts: Refusal['protectedHosts']): Pick<Refusal, 'protectedHosts'> {
  return protectedHosts === undefined ? {} : { protectedHosts };
}

/** Documents name the place first, and then what is wrong with it. */
function placeOf({ at, message }: AttestationError): string {
  // The whole document has no place.
  if (at === undefined || at === '' || `: ${message}`.includes(`: ${at}: `)) return '';
  return ` (at ${typeof at === 'number' ? 'byte ' : ''}${at})`;
}
