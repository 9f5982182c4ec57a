// Attestation results as values, whatever generation or encoding carries them. [EAR] [RFC9711]
import type { JsonObject } from '../encoding/index.ts';
import type { TrustStatus, TrustVector } from './trust-vector.ts';
import { worstStatus } from './trust-vector.ts';

/** The generations in the wild: they differ in profile, claim names and the form of the policy id. */
export type EarGeneration = 'veraison-2023' | 'draft-2025' | 'draft-2026';

/** What is said of one part of a host. */
export interface EarAppraisal {
  readonly status: TrustStatus;
  /** Empty when the requester asked for none. */
  readonly vector: TrustVector;
  readonly policyIds: readonly string[];
  /** Our own extension: map of what the verdict rests on. Receivers that do not know it ignore it. */
  readonly details?: JsonObject;
}

/** A nonce is bytes in CBOR and a text of somebody's choice in JSON. */
export type EarNonce = string | Uint8Array;

export interface Ear {
  readonly generation: EarGeneration;
  readonly profile: string;
  readonly issuer?: string;
  /** The host. */
  readonly subject?: string;
  readonly audience: readonly string[];
  /** Seconds since 1970; whole. */
  readonly issuedAt: number;
  readonly notBefore?: number;
  readonly expiresAt?: number;
  readonly nonces: readonly EarNonce[];
  readonly verifier: { readonly developer: string; readonly build: string };
  /** Overall status; the 2026 draft alone has it. */
  readonly status?: TrustStatus;
  /** Label of the part -> what is said of it. At least one. */
  readonly submods: ReadonlyMap<string, EarAppraisal>;
}

/** The worst that an EAR says of any part. */
export function statusOfEar(ear: Ear): TrustStatus {
  const parts = [...ear.submods.values()].map(({ status }) => status);
  return worstStatus(ear.status === undefined ? parts : [...parts, ear.status]);
}
