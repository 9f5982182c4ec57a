// EAR claims sets, JSON and CBOR, of every generation. [EAR §3]
// Who wrote them is for the signature around them to say; here it is only whether they are an EAR at all.
import { MalformedError } from '../error.ts';
import { isCborMap, isJsonObject, parseCbor, parseJsonStrict } from '../encoding/index.ts';
import { cborClaims, earError, jsonClaims, type ClaimSet } from './claim-set.ts';
import { optional, readOptional, readText, readTexts, readTime } from './claim-readers.ts';
import type { Ear, EarAppraisal, EarGeneration, EarNonce } from './ear.ts';
import { cborKeys, earProfiles, type EarClaim } from './ear-names.table.ts';
import {
  isClaimValue,
  isTrustClaim,
  isWorse,
  statusOfClaim,
  trustClaims,
  trustTiers,
  worstStatus,
  type TrustClaim,
  type TrustStatus,
  type TrustVector,
} from './trust-vector.ts';

const maximumSubmods = 256;
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
/** Tags that other claims of an EAT may have, which are not read here: epoch time, URI, UUID, OID. [RFC8949 §3.4, RFC9711 §4] */
const tagsOfClaims = new Set([1, 32, 37, 111]);
const statusNames = Object.keys(trustTiers) as TrustStatus[];
const claimNames = Object.keys(trustClaims) as TrustClaim[];

/** Reads a claims set: JSON when it begins as JSON does, else CBOR. Unknown claims are ignored, as EAR asks; unknown
 * profiles, statuses and members of the vector are not. A status better than the worst claim under it is refused.
 * @throws MalformedError VERDICT_EAR_MALFORMED, VERDICT_EAR_PROFILE, VERDICT_EAR_CLAIM, VERDICT_EAR_STATUS, and those of
 *   `parseJsonStrict` and `parseCbor` */
export function parseEarClaims(bytes: Uint8Array): Ear {
  return startsAsJson(bytes) ? parseEarJson(bytes) : parseEarCbor(bytes);
}

/** @throws see `parseEarClaims` */
export function parseEarJson(bytes: Uint8Array): Ear {
  const value = parseJsonStrict(bytes);
  if (!isJsonObject(value)) throw new MalformedError('VERDICT_EAR_MALFORMED', 'not a JSON object');
  const profile = Object.hasOwn(value, 'eat_profile') ? value['eat_profile'] : undefined;
  return readEar(jsonClaims(value, generationOf(profile)));
}

/** @throws see `parseEarClaims` */
export function parseEarCbor(bytes: Uint8Array): Ear {
  const value = parseCbor(bytes, { tags: tagsOfClaims });
  if (!isCborMap(value)) throw new MalformedError('VERDICT_EAR_MALFORMED', 'not a CBOR map');
  return readEar(cborClaims(value, generationOf(value.get(cborKeys.profile))));
}

/** Reads what stands under `submods` alone, as Veraison writes it: label -> appraisal, in JSON.
 * @throws MalformedError VERDICT_EAR_*, ENCODING_* */
export function parseEarSubmods(bytes: Uint8Array): ReadonlyMap<string, EarAppraisal> {
  const value = parseJsonStrict(bytes);
  if (!isJsonObject(value)) throw new MalformedError('VERDICT_EAR_MALFORMED', 'not a JSON object');
  return readSubmods(jsonClaims({ submods: value }, 'veraison-2023'));
}

function startsAsJson(bytes: Uint8Array): boolean {
  // 0x7b and the blanks are text and small integers in CBOR: never the first byte of a claims set.
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return first === 0x7b;
}

function generationOf(profile: unknown): EarGeneration {
  const generation = typeof profile === 'string' ? earProfiles.get(profile) : undefined;
  if (generation === undefined) throw new MalformedError('VERDICT_EAR_PROFILE', 'no known eat_profile');
  return generation;
}

function readEar(claims: ClaimSet): Ear {
  const submods = readSubmods(claims);
  const status = claims.generation === 'draft-2026' ? readOptional(claims, 'status', readStatus) : undefined;
  if (
    status !== undefined &&
    isBetterThan(
      status,
      [...submods.values()].map((part) => part.status),
    )
  ) {
    throw new MalformedError('VERDICT_EAR_STATUS', 'the overall status is better than that of a part', {
      at: claims.at('status'),
    });
  }
  readOptional(claims, 'rawEvidence', checkRawEvidence);
  const verifier = claims.nested('verifierId');
  if (verifier === undefined) throw earError(claims, 'verifierId', 'a map of developer and build expected');
  return {
    generation: claims.generation,
    profile: readText(claims, 'profile'),
    ...optional('issuer', readOptional(claims, 'issuer', readText)),
    ...optional('subject', readOptional(claims, 'subject', readText)),
    audience: readTexts(claims, 'audience'),
    issuedAt: readTime(claims, 'issuedAt'),
    ...optional('notBefore', readOptional(claims, 'notBefore', readTime)),
    ...optional('expiresAt', readOptional(claims, 'expiresAt', readTime)),
    nonces: readNonces(claims),
    verifier: { developer: readText(verifier, 'developer'), build: readText(verifier, 'build') },
    ...optional('status', status),
    submods,
  };
}

function readSubmods(claims: ClaimSet): ReadonlyMap<string, EarAppraisal> {
  const parts = claims.nestedByLabel('submods');
  if (parts === undefined || parts.size === 0) throw earError(claims, 'submods', 'at least one part expected');
  if (parts.size > maximumSubmods) throw earError(claims, 'submods', `more than ${maximumSubmods} parts`);
  return new Map([...parts].map(([label, part]) => [label, readAppraisal(part)]));
}

function readAppraisal(claims: ClaimSet): EarAppraisal {
  const status = readStatus(claims, 'status');
  const vector = readOptional(claims, 'vector', readVector) ?? {};
  // A claim in tier `none` is as good as absent to other verifiers, so it does not contradict a status here.
  const tiers = Object.values(vector)
    .map(statusOfClaim)
    .filter((tier) => tier !== 'none');
  if (isBetterThan(status, tiers)) {
    throw new MalformedError('VERDICT_EAR_STATUS', 'the status is better than a claim of its vector', {
      at: claims.at('status'),
    });
  }
  return { status, vector, policyIds: readPolicyIds(claims) };
}

/** `none` promises nothing, so it is never too good. */
function isBetterThan(status: TrustStatus, others: readonly TrustStatus[]): boolean {
  return status !== 'none' && others.length > 0 && isWorse(worstStatus(others), status);
}

/** A name in JSON, a tier in CBOR; veraison reads and writes tiers in JSON as well. */
function readStatus(claims: ClaimSet, claim: EarClaim): TrustStatus {
  const value = claims.get(claim);
  const status = statusNames.find((name) => value === trustTiers[name] || (!claims.isCbor && value === name));
  if (status === undefined) throw earError(claims, claim, 'no known status');
  return status;
}

function readVector(claims: ClaimSet, claim: EarClaim): TrustVector {
  const entries = claims.entries(claim);
  if (entries === undefined) throw earError(claims, claim, 'a map expected');
  const vector: Partial<Record<TrustClaim, number>> = {};
  for (const [key, value] of entries) {
    const name = claims.isCbor ? claimNames.find((candidate) => trustClaims[candidate] === key) : key;
    if (typeof name !== 'string' || !isTrustClaim(name))
      throw earError(claims, claim, 'a claim that AR4SI does not have');
    if (!isClaimValue(value)) throw earError(claims, claim, `${name} is no integer of eight bits`);
    vector[name] = value;
  }
  return vector;
}

function readPolicyIds(claims: ClaimSet): readonly string[] {
  if (claims.get('policyIds') === undefined) return [];
  if (claims.generation !== 'draft-2026') return [readText(claims, 'policyIds')];
  const ids = claims.list('policyIds');
  if (ids === undefined || ids.length === 0) throw earError(claims, 'policyIds', 'a list expected that is not empty');
  return readTexts(claims, 'policyIds');
}

/** One nonce or a list: 8 to 64 bytes in CBOR, 8 to 88 characters in JSON. [RFC9711 §4.1] */
function readNonces(claims: ClaimSet): readonly EarNonce[] {
  const value = claims.get('nonce');
  if (value === undefined) return [];
  const list = claims.list('nonce') ?? [value];
  if (list.length === 0) throw earError(claims, 'nonce', 'an empty list');
  return list.map((nonce) => {
    if (claims.isCbor && nonce instanceof Uint8Array && nonce.length >= 8 && nonce.length <= 64) return nonce;
    if (!claims.isCbor && typeof nonce === 'string' && nonce.length >= 8 && nonce.length <= 88) return nonce;
    throw earError(claims, 'nonce', 'a nonce of the wrong type or length');
  });
}

/** Only whether it is bytes: nobody reads evidence from a result. */
function checkRawEvidence(claims: ClaimSet, claim: EarClaim): void {
  const value = claims.get(claim);
  const isBytes = claims.isCbor ? value instanceof Uint8Array : typeof value === 'string' && base64.test(value);
  if (!isBytes) throw earError(claims, claim, 'bytes expected, in JSON as base64 of either alphabet');
}
