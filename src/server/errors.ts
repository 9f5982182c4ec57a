// What the server itself refuses, and the HTTP status of each refusal. docs/errors.md is written from this table.
import type { Problem, ServerProblemCode } from '../api/index.ts';
import { requestErrors } from './errors/request.table.ts';
import { hostErrors } from './errors/host.table.ts';
import { breakGlassErrors } from './errors/break-glass.table.ts';
import { goldenErrors } from './errors/golden.table.ts';
import { trustErrors } from './errors/trust.table.ts';
import { setUpErrors } from './errors/set-up.table.ts';
import { pkcs11Errors } from './errors/pkcs11.table.ts';
import { storageErrors } from './errors/storage.table.ts';

export interface ServerErrorRow {
  readonly status: number;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
}

export const serverErrors = {
  ...requestErrors,
  ...hostErrors,
  ...goldenErrors,
  ...breakGlassErrors,
  ...trustErrors,
  ...setUpErrors,
  ...pkcs11Errors,
  ...storageErrors,
} as const satisfies Record<ServerProblemCode, ServerErrorRow>;

export interface ServerErrorDetails {
  readonly at?: string | number;
  readonly cause?: unknown;
  /** Response headers that belong to the refusal, such as Allow. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of CHANGE_LOSES_PROTECTED. */
  readonly protectedHosts?: ProtectedHosts;
}

type ProtectedHosts = readonly Readonly<NonNullable<Problem['protectedHosts']>[number]>[];

/** A refusal of the server, with a documented code. The message must be fit for the caller's eyes. */
export class ServerError extends Error {
  readonly code: ServerProblemCode;
  readonly at: string | number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly protectedHosts: ProtectedHosts | undefined;

  constructor(code: ServerProblemCode, message?: string, details: ServerErrorDetails = {}) {
    super(message ?? serverErrors[code].title, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ServerError';
    this.code = code;
    this.at = details.at;
    this.headers = details.headers ?? {};
    this.protectedHosts = details.protectedHosts;
  }
}
