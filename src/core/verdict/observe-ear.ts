// What can be seen in an EAR that somebody else wrote, in the words of a conformance report. It proves nothing.
import { AttestationError } from '../error.ts';
import type { ErrorCode } from '../error-codes.ts';
import type { Ear, EarAppraisal } from './ear.ts';
import { verifyEarJwt } from './ear-token.ts';
import type { TokenKey } from './jws.ts';
import { parseEarClaims, parseEarSubmods } from './parse-ear.ts';
import { trustClaims, type TrustClaim, type TrustStatus } from './trust-vector.ts';

export interface EarObservation {
  /** Claims sets. */
  readonly valid?: boolean;
  /** Tokens. */
  readonly verdict?: 'accept' | 'reject';
  readonly code?: ErrorCode;
  readonly profile?: string;
  readonly status?: Readonly<Record<string, TrustStatus>>;
  readonly trustworthiness?: Readonly<Record<string, FullVector>>;
  readonly submods?: Readonly<Record<string, ObservedSubmod>>;
}

type FullVector = Readonly<Record<TrustClaim, number>>;

interface ObservedSubmod {
  readonly status: TrustStatus;
  readonly trustworthiness_vector: FullVector;
  readonly policy_id?: string;
}

/** A claims set in JSON or CBOR. */
export function observeEarClaims(bytes: Uint8Array): EarObservation {
  return observing(() => ({ valid: true, ...seenIn(parseEarClaims(bytes)) }), { valid: false });
}

/** The submods of a claims set without the rest, in the names of 2023: how Veraison's own tests write a result. */
export function observeEarSubmods(bytes: Uint8Array): EarObservation {
  return observing(() => ({ submods: submodsOf(parseEarSubmods(bytes)) }), {});
}

/** A JWT under the one key that the case names. Like the peers' tests it asks for no issuer, audience or expiry, but
 * an expiry in the token counts. */
export async function observeEarToken(token: string, key: TokenKey | undefined, at: Date): Promise<EarObservation> {
  // Without a name the key opens the token whatever `kid` that carries.
  const keys = key === undefined ? [] : [{ alg: key.alg, publicKey: key.publicKey }];
  try {
    const { ear } = await verifyEarJwt(token.trim(), keys, { at, expiry: 'optional' });
    return { verdict: 'accept', ...seenIn(ear) };
  } catch (error) {
    return refused(error, { verdict: 'reject' });
  }
}

function observing(observe: () => EarObservation, otherwise: EarObservation): EarObservation {
  try {
    return observe();
  } catch (error) {
    return refused(error, otherwise);
  }
}

function refused(error: unknown, observation: EarObservation): EarObservation {
  if (error instanceof AttestationError) return { ...observation, code: error.code };
  throw error;
}

function seenIn({ profile, submods }: Ear): EarObservation {
  const seen = <T>(read: (part: EarAppraisal) => T) =>
    Object.fromEntries([...submods].map(([label, part]) => [label, read(part)]));
  return { profile, status: seen((part) => part.status), trustworthiness: seen(fullVector) };
}

function submodsOf(submods: ReadonlyMap<string, EarAppraisal>): Readonly<Record<string, ObservedSubmod>> {
  return Object.fromEntries(
    [...submods].map(([label, part]) => {
      const [policy_id] = part.policyIds;
      const observed = { status: part.status, trustworthiness_vector: fullVector(part) };
      return [label, policy_id === undefined ? observed : { ...observed, policy_id }];
    }),
  );
}

/** Absent is 0. [EAR] */
function fullVector({ vector }: EarAppraisal): FullVector {
  const names = Object.keys(trustClaims) as TrustClaim[];
  return Object.fromEntries(names.map((name) => [name, vector[name] ?? 0])) as FullVector;
}
