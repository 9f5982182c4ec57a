// EAR as a signed token: JWT or CWT, made and verified. [EAR §3] [RFC7519] [RFC8392 §7]
import { VerificationError } from '../error.ts';
import {
  coseHeaders,
  decodeUtf8,
  encodeCbor,
  parseCbor,
  readCoseSign1,
  Tagged,
  type CborValue,
  type ClaimedCoseSign1,
} from '../encoding/index.ts';
import { createCoseSign1, verifyCoseSign1, type SigningKey } from '../crypto/index.ts';
import type { Ear } from './ear.ts';
import { encodeEarCbor, encodeEarJson } from './encode-ear.ts';
import { openCompact, selectKey, signCompact, type TokenKey } from './jws.ts';
import { parseEarCbor, parseEarJson } from './parse-ear.ts';
import { checkEar, type EarExpectation } from './check-ear.ts';

declare const verified: unique symbol;

/** An EAR that a trusted key signed, for us, now. Made by `verifyEarJwt` and `verifyEarCwt` only. */
export interface VerifiedEar {
  readonly [verified]: true;
  readonly ear: Ear;
  /** Name of the key that signed it; undefined when the key has none. */
  readonly kid: string | undefined;
}

const cwtTag = 61;
const tokenTags = new Set([18, cwtTag]);
const jwtType = 'eat+jwt';
const cwtType = 'application/eat+cwt';
/** CoAP content format of the same type. [RFC9782] */
const cwtContentFormat = 263;
/** Veraison writes `JWT`, older drafts wrote a hyphen, some write nothing: the profile inside tells an EAR from others. */
const acceptedJwtTypes = [jwtType, 'jwt', 'eat-jwt', undefined];

/** JWT of the type `eat+jwt`. [RFC9782] */
export function createEarJwt(ear: Ear, key: SigningKey): Promise<string> {
  return signCompact(encodeEarJson(ear), key, jwtType);
}

/** CWT: tag 61 over tag 18, everything in the protected headers. */
export function createEarCwt(ear: Ear, key: SigningKey): Uint8Array {
  const sign1 = createCoseSign1(encodeEarCbor(ear), key, new Map([[coseHeaders.typ, cwtType]]));
  return encodeCbor(new Tagged(cwtTag, sign1));
}

/**
 * Proves of a JWT, in this order: 1. what `openCompact` proves; 2. the payload is an EAR; 3. it holds at `at`, comes from
 * the expected issuer, is for the expected audience, carries the expected nonce and speaks of the expected parts.
 * It does not say that the host is good: that is `statusOfEar`.
 * @throws MalformedError, VerificationError see `openCompact`, `parseEarClaims`, `checkEar`
 */
export async function verifyEarJwt(
  token: string,
  keys: readonly TokenKey[],
  expectation: EarExpectation,
): Promise<VerifiedEar> {
  const { payload, key } = await openCompact(token, keys, acceptedJwtTypes);
  const ear = parseEarJson(payload);
  checkEar(ear, expectation);
  return { ear, kid: key.kid } as VerifiedEar;
}

/** The same of a CWT; tags 61 and 18 may be absent where the media type says what it is.
 * @throws MalformedError, VerificationError see `parseCoseSign1`, `verifyCoseSign1`, `parseEarClaims`, `checkEar` */
export function verifyEarCwt(token: Uint8Array, keys: readonly TokenKey[], expectation: EarExpectation): VerifiedEar {
  if (keys.length === 0) throw new VerificationError('VERDICT_KEYS_EMPTY', 'no trusted key');
  const outer = parseCbor(token, { tags: tokenTags });
  const sign1 = readCoseSign1(outer instanceof Tagged && outer.tag === cwtTag ? outer.value : outer);
  const typ = sign1.protectedHeaders.get(coseHeaders.typ);
  if (typ !== undefined && typ !== cwtType && typ !== cwtContentFormat) {
    throw new VerificationError('VERDICT_TOKEN_TYPE', 'a token of another kind');
  }
  const key = selectKey(kidOf(sign1), keys);
  const { payload } = verifyCoseSign1(sign1, { key });
  const ear = parseEarCbor(payload);
  checkEar(ear, expectation);
  return { ear, kid: key.kid } as VerifiedEar;
}

/** A hint that chooses among trusted keys, so it may stand in either map. */
function kidOf({ protectedHeaders, untrustedHeaders }: ClaimedCoseSign1): string | undefined {
  const kid: CborValue = protectedHeaders.get(coseHeaders.kid) ?? untrustedHeaders.get(coseHeaders.kid);
  return kid instanceof Uint8Array ? decodeUtf8(kid) : undefined;
}
