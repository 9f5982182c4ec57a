// The one exception class of the core. A parse or a verification that fails throws it; `appraise` turns it into a
// finding; the HTTP edge turns it into a problem document (RFC 9457). Nothing else is ever thrown on purpose.
import type { ErrorCode } from './error-codes.ts';

/** Where in the input the problem lies: a byte offset, or a path such as `predicate.expect.events[3]`. */
export type ErrorLocation = number | string;

export interface ErrorDetails {
  /** Byte offset or path of the offending part. */
  readonly at?: ErrorLocation | undefined;
  readonly cause?: unknown;
  /** What to change, where it can be said more exactly than in the table of codes. */
  readonly remedy?: string | undefined;
}

/** A failure with a stable, documented code (`docs/errors.md`). Codes are never reused and never renamed. */
export class AttestationError extends Error {
  readonly code: ErrorCode;
  readonly at: ErrorLocation | undefined;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.at = details.at;
    this.remedy = details.remedy;
  }
}

/** A failure of a room around the core that knows its code and its remedy: whoever tells people of it need not load that room. */
export abstract class CodedError extends Error {
  abstract readonly code: string;
  abstract get remedy(): string;
}

/** The bytes do not have the shape they claim: thrown by `parse*`. */
export class MalformedError extends AttestationError {}

/** The shape is right and the proof is not: thrown by `verify*`. */
export class VerificationError extends AttestationError {}
