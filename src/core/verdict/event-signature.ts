// The signature of an event's bytes, apart from them. [RFC7515 Appendix F]
import { VerificationError } from '../error.ts';
import type { SigningKey } from '../crypto/index.ts';
import { openDetached, signDetached } from './detached.ts';
import type { TokenKey } from './jws.ts';
import { secondsOf } from './seconds.ts';

/** A type of its own: no event can be taken for a verdict or a decision. */
const eventType = 'touchstone-event';

export interface EventSigning {
  readonly key: SigningKey;
  /** Id of the subscription: what was signed for one receiver is refused by another. */
  readonly subscription: string;
  readonly at: Date;
}

export interface EventExpectation {
  /** Our subscription; any when absent. */
  readonly subscription?: string;
  readonly at: Date;
  /** How old a signature may be, and how far clocks may differ. Default 300. */
  readonly toleranceSeconds?: number;
}

/** `header..signature`, over the bytes of the body as they are sent. */
export async function signEvent(body: Uint8Array, { key, subscription, at }: EventSigning): Promise<string> {
  return signDetached(body, key, { typ: eventType, claims: { aud: subscription, iat: secondsOf(at) } });
}

/**
 * Proves that one of `keys` signed these bytes as events:
 * 1. the signature is a JWS without payload, of our type, by a trusted key (`openCompact`);
 * 2. it was made for `subscription`, where one is expected;
 * 3. it was made at most `toleranceSeconds` before or after `at`.
 * It does not prove that the events are new: the same ones may come twice. Their `id` says which they are.
 * @returns the `kid` of the key
 * @throws MalformedError VERDICT_TOKEN_MALFORMED
 * @throws VerificationError as openCompact; VERDICT_TOKEN_AUDIENCE, _EXPIRED, _NOT_YET_VALID
 */
export async function verifyEvent(
  body: Uint8Array,
  signature: string,
  keys: readonly TokenKey[],
  { subscription, at, toleranceSeconds = 300 }: EventExpectation,
): Promise<string | undefined> {
  const opened = await openDetached(body, signature, { keys, typ: eventType });
  const { aud, iat } = opened.header;
  if (subscription !== undefined && aud !== subscription) {
    throw new VerificationError('VERDICT_TOKEN_AUDIENCE', 'signed for another subscription', { at: 'aud' });
  }
  const age = typeof iat === 'number' ? secondsOf(at) - iat : Number.NaN;
  if (!(age <= toleranceSeconds))
    throw new VerificationError('VERDICT_TOKEN_EXPIRED', 'signed too long ago', { at: 'iat' });
  if (age < -toleranceSeconds) {
    throw new VerificationError('VERDICT_TOKEN_NOT_YET_VALID', 'signed in the future', { at: 'iat' });
  }
  return opened.key.kid;
}
