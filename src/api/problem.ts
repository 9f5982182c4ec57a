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

/** Why no answer arrived. */
export const transportErrors = {
  API_UNREACHABLE: {
    cause: 'No connection to the server, or it was lost before the answer was whole.',
    remedy: 'Check the address, and that the server runs and can be reached from here.',
  },
  API_TLS_FAILED: {
    cause: "The server's certificate is not trusted here, or is for another name.",
    remedy: 'Name the authority that issued it (`--ca`), and use the name that stands in the certificate.',
  },
  API_TLS_HANDSHAKE: {
    cause:
      'The server and this program came to no connection in TLS: at this address nobody speaks it, or not in version 1.2 or 1.3, or a client certificate is demanded.',
    remedy:
      'Look whether the address (`--server`) begins as it should, with http:// or https://. If it does, let the server, or the proxy before it, offer TLS 1.2 or 1.3 and demand no client certificate.',
  },
  API_TLS_DATE: {
    cause: "The server's certificate is not valid at the time that the clock of this machine shows.",
    remedy:
      'Compare the time in the message with the real one and set the clock. If it is right, the server needs a new certificate.',
  },
  API_TIMEOUT: {
    cause: 'No answer arrived in time.',
    remedy: 'Try again; if it stays, look at the load of the server and at the network between.',
  },
  API_ANSWER_TOO_LARGE: {
    cause: 'The answer is larger than any answer of the API.',
    remedy: 'Check that the address is that of a Touchstone server.',
  },
  API_ANSWER_UNREADABLE: {
    cause: 'The answer is neither what the contract says nor a problem document.',
    remedy:
      'Check that the address is that of a Touchstone server, and that no proxy answers in its place. A server of an older release may not say all that is expected: upgrade servers first.',
  },
  API_ANSWER_OF_OTHER: {
    cause:
      'The answer speaks of another host than the one that was asked about, or not of every one. Nothing of it was used: what is true of one host says nothing about another.',
    remedy:
      'Ask again. If it stays, look for a proxy or cache between that mixes up answers, or gives one answer to every question; if there is none, the server has a defect.',
  },
  API_PAGES_ENDLESS: {
    cause:
      'A list comes in pages, and a page says that the list goes on where it went on before, or there are more pages than any real list has: it would never end. Nothing of it was used.',
    remedy:
      'Try again. If it stays, look for a proxy or cache between that gives the same page to every question; if there is none, the server has a defect.',
  },
} as const;

export type TransportCode = keyof typeof transportErrors;

/** No usable answer arrived. Nothing is known about what the server did. */
export class ApiUnreachable extends Error {
  readonly code: TransportCode;

  constructor(code: TransportCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ApiUnreachable';
    this.code = code;
  }
}
