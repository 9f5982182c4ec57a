// What the return values of a module mean to an operator.
import { ServerError } from '../../errors.ts';
import type { ServerProblemCode } from '../../../api/index.ts';

/** Everything else: the session is of no use any more. [PKCS11 §5.1] */
const meanings: Readonly<Partial<Record<string, ServerProblemCode>>> = {
  CKR_PIN_INCORRECT: 'PKCS11_PIN_WRONG',
  CKR_PIN_INVALID: 'PKCS11_PIN_WRONG',
  CKR_PIN_LEN_RANGE: 'PKCS11_PIN_WRONG',
  CKR_USER_PIN_NOT_INITIALIZED: 'PKCS11_PIN_WRONG',
  CKR_PIN_EXPIRED: 'PKCS11_PIN_LOCKED',
  CKR_PIN_LOCKED: 'PKCS11_PIN_LOCKED',
  CKR_KEY_FUNCTION_NOT_PERMITTED: 'PKCS11_KEY_UNSUITABLE',
  CKR_KEY_TYPE_INCONSISTENT: 'PKCS11_KEY_UNSUITABLE',
  CKR_MECHANISM_INVALID: 'PKCS11_KEY_UNSUITABLE',
};

/** The server's error for what a module threw. */
export function tokenErrorOf(error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  const name = returnValueOf(error);
  return new ServerError(meanings[name] ?? 'PKCS11_SESSION_LOST', `the token answers ${name}`);
}

/** The name of a return value (`CKR_…`), or what the loader said. */
export function returnValueOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
