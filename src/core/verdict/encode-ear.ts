// A verdict as an EAR, and an EAR as JSON or CBOR. [EAR §3] [AR4SI §2.3]
import {
  encodeBase64,
  encodeBase64url,
  encodeCbor,
  canonicalJson,
  isJsonArray,
  isJsonObject,
  type CborKey,
  type CborMap,
  type CborValue,
  type JsonObject,
  type JsonValue,
} from '../encoding/index.ts';
import type { Ear, EarAppraisal, EarGeneration, EarNonce } from './ear.ts';
import { cborKeys, jsonNames, profileOf, type EarClaim } from './ear-names.table.ts';
import { secondsOf } from './seconds.ts';
import {
  statusOfVector,
  trustClaims,
  trustTiers,
  worstStatus,
  type TrustClaim,
  type TrustVector,
} from './trust-vector.ts';
import type { Verdict } from './verdict.ts';

export interface EarOptions {
  readonly generation: EarGeneration;
  readonly verifier: { readonly developer: string; readonly build: string };
  readonly issuer?: string;
  /** Whom the token is for. Without it, anyone may be shown it. */
  readonly audience?: string;
  /** The relying party's nonce, 8 to 64 bytes. Not the nonce of the quote. */
  readonly nonce?: Uint8Array;
  /** Label of the one part of the host that we speak of. Default `TPM`. */
  readonly label?: string;
  /** Adds which boot, golden measurements and findings the verdict rests on. Some receivers refuse what they do not know. */
  readonly details?: boolean;
}

/** The EAR of a verdict. Its status is never better than the vector supports, whatever the verdict says. */
export function earOf(verdict: Verdict, options: EarOptions): Ear {
  const { generation, nonce, issuer, audience, label = 'TPM' } = options;
  if (nonce !== undefined && (nonce.length < 8 || nonce.length > 64)) throw new TypeError('a nonce has 8 to 64 bytes');
  const { policy } = verdict;
  const vector = claimedOf(verdict.vector);
  const appraisal: EarAppraisal = {
    status: worstStatus([verdict.status, statusOfVector(vector)]),
    vector,
    policyIds: policy === undefined ? [] : [`policy:${policy.id}/${policy.version}`],
    ...(options.details === true ? { details: detailsOf(verdict) } : {}),
  };
  return {
    generation,
    profile: profileOf[generation],
    ...(issuer === undefined ? {} : { issuer }),
    subject: verdict.host,
    audience: audience === undefined ? [] : [audience],
    // When the challenge was drawn, not when the token was made: a receiver that limits the age of a token limits the age of the proof.
    issuedAt: secondsOf(verdict.challengedAt),
    expiresAt: secondsOf(verdict.expiresAt),
    nonces: nonce === undefined ? [] : [nonce],
    verifier: options.verifier,
    ...(generation === 'draft-2026' ? { status: appraisal.status } : {}),
    submods: new Map([[label, appraisal]]),
  };
}

/** Without the claims that say nothing. */
function claimedOf(vector: TrustVector): TrustVector {
  if (!Object.values(vector).includes(0)) return vector;
  return Object.fromEntries(Object.entries(vector).filter(([, value]) => value !== 0));
}

function detailsOf({ boot, evidenceDigest, layers, findings }: Verdict): JsonObject {
  const counters = boot && { 'reset-count': boot.resetCount, 'restart-count': boot.restartCount };
  return {
    'evidence-digest': evidenceDigest,
    layers: { ...layers },
    findings: findings.map(({ code }) => code),
    ...(counters === undefined ? {} : { boot: counters }),
  };
}

/** Canonical JSON of the claims. */
export function encodeEarJson(ear: Ear): Uint8Array {
  const names = jsonNames[ear.generation];
  const object = (members: readonly (readonly [EarClaim, JsonValue | undefined])[]): JsonObject => {
    const claims: Record<string, JsonValue> = {};
    for (const [claim, value] of members) if (value !== undefined) claims[names[claim]] = value;
    return claims;
  };
  const nonceText = (nonce: EarNonce): string =>
    typeof nonce === 'string' ? nonce : ear.generation === 'draft-2026' ? encodeBase64(nonce) : encodeBase64url(nonce);
  const submods = [...ear.submods].map(([label, part]) => [
    label,
    object([
      ['policyIds', policyIdsOf(part, ear.generation)],
      ['status', part.status],
      ['vector', { ...part.vector }],
      ['details', part.details],
    ]),
  ]);
  // Already in the canonical order of their names, so that `canonicalJson` sorts nothing.
  return canonicalJson(
    object([
      ['audience', oneOrMany(ear.audience)],
      ['status', ear.status],
      ['verifierId', { ...ear.verifier }],
      ['nonce', oneOrMany(ear.nonces.map(nonceText))],
      ['profile', ear.profile],
      ['expiresAt', ear.expiresAt],
      ['issuedAt', ear.issuedAt],
      ['issuer', ear.issuer],
      ['notBefore', ear.notBefore],
      ['subject', ear.subject],
      ['submods', Object.fromEntries(submods) as JsonObject],
    ]),
  );
}

/** Deterministic CBOR of the claims: integer keys, integer tiers. */
export function encodeEarCbor(ear: Ear): Uint8Array {
  const map = (members: readonly (readonly [EarClaim, CborValue])[]): CborMap =>
    new Map<CborKey, CborValue>(
      members.filter(([, value]) => value !== undefined).map(([claim, value]) => [cborKeys[claim], value]),
    );
  const submods = [...ear.submods].map(([label, part]): [string, CborMap] => [
    label,
    map([
      ['status', trustTiers[part.status]],
      ['vector', new Map(Object.entries(part.vector).map(([name, v]) => [trustClaims[name as TrustClaim], v]))],
      ['policyIds', policyIdsOf(part, ear.generation)],
      ['details', part.details && cborOf(part.details)],
    ]),
  ]);
  return encodeCbor(
    map([
      ['profile', ear.profile],
      ['issuer', ear.issuer],
      ['subject', ear.subject],
      ['audience', oneOrMany(ear.audience)],
      ['issuedAt', ear.issuedAt],
      ['notBefore', ear.notBefore],
      ['expiresAt', ear.expiresAt],
      ['nonce', oneOrMany(ear.nonces)],
      ['verifierId', map([['developer', ear.verifier.developer], ['build', ear.verifier.build]])], // prettier-ignore
      ['status', ear.status && trustTiers[ear.status]],
      ['submods', new Map(submods)],
    ]),
  );
}

/** One text until 2025, a list since 2026. */
function policyIdsOf(part: EarAppraisal, generation: EarGeneration): string | readonly string[] | undefined {
  if (part.policyIds.length === 0) return undefined;
  return generation === 'draft-2026' ? part.policyIds : part.policyIds[0];
}

function oneOrMany<T>(items: readonly T[]): T | readonly T[] | undefined {
  return items.length > 1 ? items : items[0];
}

function cborOf(value: JsonValue): CborValue {
  if (isJsonArray(value)) return value.map(cborOf);
  if (isJsonObject(value)) return new Map(Object.entries(value).map(([key, item]) => [key, cborOf(item)]));
  return value;
}
