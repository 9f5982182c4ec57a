// The AR4SI trustworthiness vector, and what a value means. [AR4SI §2.3]

/** AR4SI categories by their names on the wire, with their CBOR keys. */
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

/** Claims that are absent are not claimed (0). Values are signed bytes. */
export type TrustVector = Readonly<Partial<Record<TrustClaim, number>>>;

/** Tiers, best first, except `none`, which claims nothing and is never good enough. */
export type TrustStatus = 'none' | 'affirming' | 'warning' | 'contraindicated';

/** CBOR values of the tiers. [EAR §3.3] */
export const statusValues: Readonly<Record<TrustStatus, number>> = {
  none: 0,
  affirming: 2,
  warning: 32,
  contraindicated: 96,
};

/** The tier of one claim's value. [AR4SI §2.3.3]
 * A value that is no signed byte belongs to no tier: `none`. */
export function statusOfClaim(value: number): TrustStatus {
  if (!Number.isInteger(value) || value < -128 || value > 127) return 'none';
  if (value >= -1 && value <= 1) return 'none';
  if (value >= -32 && value <= 31) return 'affirming';
  if (value >= -96 && value <= 95) return 'warning';
  return 'contraindicated';
}

const rank: Readonly<Record<TrustStatus, number>> = { affirming: 0, none: 1, warning: 2, contraindicated: 3 };

/** The worst of several; of nothing: `none`. */
export function worstStatus(statuses: readonly TrustStatus[]): TrustStatus {
  const [first, ...rest] = statuses;
  if (first === undefined) return 'none';
  return rest.reduce((worst, status) => (rank[status] > rank[worst] ? status : worst), first);
}

/** A status may be no better than the worst claim in the vector. [EAR §3.3] An empty vector is `none`. */
export function statusOfVector(vector: TrustVector): TrustStatus {
  return worstStatus(Object.values(vector).map(statusOfClaim));
}
