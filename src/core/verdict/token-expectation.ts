// What every token must say before anything else in it counts: until when, from whom, for whom. [RFC7519 §4.1] [RFC8725 §3]
import { VerificationError } from '../error.ts';
import { decodeBase64, encodeUtf8 } from '../encoding/index.ts';
import { equalInConstantTime } from '../crypto/index.ts';
import { secondsOf } from './seconds.ts';

export interface TokenExpectation {
  readonly at: Date;
  /** The only issuer accepted; any when absent. */
  readonly issuer?: string;
  /** Our own name. A token for others is refused, and when this is absent so is a token for anyone in particular. */
  readonly audience?: string;
  /** How far clocks may differ. Default 30. */
  readonly leewaySeconds?: number;
  /** `optional` also takes tokens that never end. Default `required`. */
  readonly expiry?: 'required' | 'optional';
}

export interface TokenClaims {
  readonly issuer?: string;
  readonly audience: readonly string[];
  readonly issuedAt: number;
  readonly notBefore?: number;
  readonly expiresAt?: number;
}

/** @throws VerificationError VERDICT_TOKEN_EXPIRED, _EXPIRY_MISSING, _NOT_YET_VALID, _ISSUER, _AUDIENCE */
export function checkTokenClaims(claims: TokenClaims, expectation: TokenExpectation): void {
  checkTimes(claims, expectation);
  const { issuer, audience } = expectation;
  if (issuer !== undefined && claims.issuer !== issuer) {
    throw new VerificationError('VERDICT_TOKEN_ISSUER', 'issued by another party', { at: 'iss' });
  }
  if (audience === undefined ? claims.audience.length > 0 : !claims.audience.includes(audience)) {
    throw new VerificationError('VERDICT_TOKEN_AUDIENCE', 'issued for another audience', { at: 'aud' });
  }
}

function checkTimes(claims: TokenClaims, { at, leewaySeconds = 30, expiry = 'required' }: TokenExpectation): void {
  const now = secondsOf(at);
  if (claims.expiresAt === undefined) {
    if (expiry === 'required') throw new VerificationError('VERDICT_TOKEN_EXPIRY_MISSING', 'no exp', { at: 'exp' });
  } else if (now >= claims.expiresAt + leewaySeconds) {
    throw new VerificationError('VERDICT_TOKEN_EXPIRED', 'the token has expired', { at: 'exp' });
  }
  if (Math.max(claims.issuedAt, claims.notBefore ?? 0) > now + leewaySeconds) {
    throw new VerificationError('VERDICT_TOKEN_NOT_YET_VALID', 'the token holds later only', { at: 'iat' });
  }
}

/** A nonce in JSON is whatever text the issuer made of our bytes: either alphabet of base64, or the text itself.
 * @throws VerificationError VERDICT_TOKEN_NONCE */
export function checkNonce(nonces: readonly (string | Uint8Array)[], expected: Uint8Array): void {
  if (!nonces.some((nonce) => readingsOf(nonce).some((bytes) => equalInConstantTime(bytes, expected)))) {
    throw new VerificationError('VERDICT_TOKEN_NONCE', 'the nonce is not the one asked for', { at: 'eat_nonce' });
  }
}

function readingsOf(nonce: string | Uint8Array): readonly Uint8Array[] {
  if (typeof nonce !== 'string') return [nonce];
  const standard = nonce.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  try {
    return [encodeUtf8(nonce), decodeBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='))];
  } catch {
    return [encodeUtf8(nonce)];
  }
}
