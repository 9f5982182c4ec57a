// The AR4SI trustworthiness vector: eight claims about a host, each in one of four tiers. [AR4SI §2.3]

/** Claim name (JSON) -> key (CBOR). */
export const trustClaims = {
  'instance-identity': 0,
  configuration: 1,
  executables: 2,
  'file-system': 3,
  hardware: 4,
  'runtime-opaque': 5,
  'storage-opaque': 6,
  'sourced-data': 7,
} as const;

export type TrustClaim = keyof typeof trustClaims;

/** Claim values, -128..127. A claim that is absent, or 0, is not made. */
export type TrustVector = Readonly<Partial<Record<TrustClaim, number>>>;

export type TrustStatus = 'affirming' | 'warning' | 'none' | 'contraindicated';

/** Status (JSON) -> tier (CBOR). */
export const trustTiers: Readonly<Record<TrustStatus, number>> = {
  none: 0,
  affirming: 2,
  warning: 32,
  contraindicated: 96,
};

// From best to worst. `none` says that the verifier could not tell (an element it does not know, a malfunction): worse
// than a known weakness, since nobody weighed it, and better than a known evil.
const severity: Readonly<Record<TrustStatus, number>> = { affirming: 0, warning: 1, none: 2, contraindicated: 3 };

export function isTrustClaim(name: string): name is TrustClaim {
  return Object.hasOwn(trustClaims, name);
}

/** A value a claim can hold: an integer of eight bits. */
export function isClaimValue(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= -128 && Number(value) <= 127;
}

/** The tier of one claim value. A value that is no eight-bit integer is contraindicated: nothing is guessed upwards. */
export function statusOfClaim(value: number): TrustStatus {
  if (!isClaimValue(value)) return 'contraindicated';
  if (value >= -1 && value <= 1) return 'none';
  if (value >= -32 && value <= 31) return 'affirming';
  if (value >= -96 && value <= 95) return 'warning';
  return 'contraindicated';
}

/** The worst of `statuses`; `none` when there is none. */
export function worstStatus(statuses: Iterable<TrustStatus>): TrustStatus {
  let worst: TrustStatus | undefined;
  for (const status of statuses) if (worst === undefined || isWorse(status, worst)) worst = status;
  return worst ?? 'none';
}

/** The status a vector supports: its worst claim. A vector that claims nothing supports `none`. */
export function statusOfVector(vector: TrustVector): TrustStatus {
  let worst: TrustStatus | undefined;
  let claim: TrustClaim;
  for (claim in vector) {
    const value = vector[claim];
    if (value === undefined || value === 0) continue;
    const status = statusOfClaim(value);
    if (worst === undefined || isWorse(status, worst)) worst = status;
  }
  return worst ?? 'none';
}

/** In the order of `severity`; one status is not worse than itself. */
export function isWorse(left: TrustStatus, right: TrustStatus): boolean {
  return severity[left] > severity[right];
}
