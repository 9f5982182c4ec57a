// An admission decision as a small signed token, for schedulers that hand it on. [RFC7519] [RFC8725 §3.11]
import { MalformedError, VerificationError } from '../error.ts';
import { canonicalJson, isJsonArray, isJsonObject, parseJsonStrict, type JsonObject } from '../encoding/index.ts';
import type { SigningKey } from '../crypto/index.ts';
import { openCompact, signCompact, type TokenKey } from './jws.ts';
import { secondsOf } from './seconds.ts';
import { checkTokenClaims, type TokenExpectation } from './token-expectation.ts';

export interface AdmissionDecision {
  readonly issuer: string;
  readonly host: string;
  readonly audience: string;
  readonly decision: 'allow' | 'deny';
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** Name of the workload that asked. */
  readonly workload?: string;
  /** The status is held by lockout protection until then: the evidence says something worse. */
  readonly heldUntil?: Date;
  /** The host is admitted by a break-glass statement: the evidence says something worse. */
  readonly breakGlass?: BreakGlassGround;
  /** Codes, worst first. */
  readonly reasons?: readonly string[];
}

export interface BreakGlassGround {
  /** Id of the statement. */
  readonly statement: string;
  readonly until: Date;
  readonly signers: readonly string[];
  readonly reason: string;
  readonly ticket: string;
}

export interface DecisionExpectation extends TokenExpectation {
  readonly issuer: string;
  readonly audience: string;
  /** The host that shall run the workload. */
  readonly host: string;
}

declare const verified: unique symbol;

/** A decision that a trusted key signed, about this host, for us, now. Made by `verifyDecisionJwt` only. */
export interface VerifiedDecision extends AdmissionDecision {
  readonly [verified]: true;
}

/** A type of its own: no verdict can be taken for a decision, nor the reverse. */
const decisionType = 'touchstone-decision+jwt';

/** Times in whole seconds; members in canonical order. The reverse of `verifyDecisionJwt`. */
export async function createDecisionJwt(decision: AdmissionDecision, key: SigningKey): Promise<string> {
  const { workload, reasons = [], heldUntil, breakGlass } = decision;
  const claims: JsonObject = {
    iss: decision.issuer,
    sub: decision.host,
    aud: decision.audience,
    iat: secondsOf(decision.issuedAt),
    exp: secondsOf(decision.expiresAt),
    decision: decision.decision,
    ...(workload === undefined ? {} : { workload }),
    ...(reasons.length === 0 ? {} : { reasons }),
    ...(heldUntil === undefined ? {} : { ground: 'hold', held_until: secondsOf(heldUntil) }),
    ...(breakGlass === undefined ? {} : { ground: 'break-glass', break_glass: encodeGround(breakGlass) }),
  };
  return signCompact(canonicalJson(claims), key, decisionType);
}

function encodeGround({ until, signers, ...texts }: BreakGlassGround): JsonObject {
  return { ...texts, until: secondsOf(until), signers: [...signers] };
}

/** Proves that a trusted key decided about `host`, for `audience`, and that the decision still holds. It may be `deny`.
 * @throws MalformedError, VerificationError see `openCompact`, `checkTokenClaims`; VERDICT_TOKEN_CLAIM,
 *   VERDICT_DECISION_HOST */
export async function verifyDecisionJwt(
  token: string,
  keys: readonly TokenKey[],
  expectation: DecisionExpectation,
): Promise<VerifiedDecision> {
  const { payload } = await openCompact(token, keys, [decisionType]);
  const decision = parseDecision(payload);
  const claims = { issuer: decision.issuer, audience: [decision.audience] };
  const times = { issuedAt: secondsOf(decision.issuedAt), expiresAt: secondsOf(decision.expiresAt) };
  checkTokenClaims({ ...claims, ...times }, expectation);
  if (decision.host !== expectation.host) {
    throw new VerificationError('VERDICT_DECISION_HOST', 'the decision speaks of another host', { at: 'sub' });
  }
  return decision as VerifiedDecision;
}

function parseDecision(payload: Uint8Array): AdmissionDecision {
  const claims = parseJsonStrict(payload, { maxDepth: 4 });
  if (!isJsonObject(claims)) throw missing('$', 'an object');
  const decision = claims['decision'];
  const workload = claims['workload'];
  if (decision !== 'allow' && decision !== 'deny') throw missing('decision', 'allow or deny');
  if (workload !== undefined && typeof workload !== 'string') throw missing('workload', 'a text');
  return {
    issuer: textOf(claims, 'iss'),
    host: textOf(claims, 'sub'),
    audience: textOf(claims, 'aud'),
    issuedAt: timeOf(claims, 'iat'),
    expiresAt: timeOf(claims, 'exp'),
    decision,
    ...(workload === undefined ? {} : { workload }),
    ...(claims['reasons'] === undefined ? {} : { reasons: textsOf(claims, 'reasons') }),
    ...(claims['held_until'] === undefined ? {} : { heldUntil: timeOf(claims, 'held_until') }),
    ...(claims['break_glass'] === undefined ? {} : { breakGlass: parseGround(claims['break_glass']) }),
  };
}

function parseGround(ground: JsonObject[string]): BreakGlassGround {
  if (!isJsonObject(ground)) throw missing('break_glass', 'an object');
  return {
    statement: textOf(ground, 'statement'),
    until: timeOf(ground, 'until'),
    signers: ground['signers'] === undefined ? [] : textsOf(ground, 'signers'),
    reason: textOf(ground, 'reason'),
    ticket: textOf(ground, 'ticket'),
  };
}

function textOf(claims: JsonObject, name: string): string {
  const value = claims[name];
  if (typeof value !== 'string' || value === '') throw missing(name, 'a text');
  return value;
}

function textsOf(claims: JsonObject, name: string): readonly string[] {
  const value = claims[name];
  const list = value !== undefined && isJsonArray(value) ? value : undefined;
  const texts = list?.filter((text) => typeof text === 'string');
  if (texts === undefined || texts.length !== list?.length) throw missing(name, 'a list of texts');
  return texts;
}

/** At most the year 9999, so that it is a date everywhere. */
function timeOf(claims: JsonObject, name: string): Date {
  const value = claims[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 253402300799) {
    throw missing(name, 'whole seconds since 1970');
  }
  return new Date(value * 1000);
}

function missing(at: string, expected: string): MalformedError {
  return new MalformedError('VERDICT_TOKEN_CLAIM', `${at}: ${expected} expected`, { at });
}
