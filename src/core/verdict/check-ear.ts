// What a relying party demands of an EAR whose signature holds. The tokens themselves are in ear-token.ts.
import { VerificationError } from '../error.ts';
import type { Ear } from './ear.ts';
import { checkNonce, checkTokenClaims, type TokenExpectation } from './token-expectation.ts';

export interface EarExpectation extends TokenExpectation {
  /** The nonce that was sent with the request for this token. */
  readonly nonce?: Uint8Array;
  /** The only host accepted; any when absent. */
  readonly host?: string;
  /** Exactly the parts that must be spoken of; any when absent. */
  readonly submods?: readonly string[];
}

/** @throws VerificationError VERDICT_TOKEN_EXPIRED, _EXPIRY_MISSING, _NOT_YET_VALID, _ISSUER, _AUDIENCE, _HOST,
 *   _NONCE, VERDICT_EAR_SUBMODS */
export function checkEar(ear: Ear, expectation: EarExpectation): void {
  checkTokenClaims(ear, expectation);
  if (expectation.host !== undefined && ear.subject !== expectation.host) {
    throw new VerificationError('VERDICT_TOKEN_HOST', 'the token speaks of another host, or of none', { at: 'sub' });
  }
  if (expectation.nonce !== undefined) checkNonce(ear.nonces, expectation.nonce);
  if (expectation.submods === undefined) return;
  const expected = new Set(expectation.submods);
  if (expected.size === 0 || expected.size !== ear.submods.size || ![...expected].every((l) => ear.submods.has(l))) {
    throw new VerificationError('VERDICT_EAR_SUBMODS', 'other parts than the expected ones', { at: 'submods' });
  }
}
