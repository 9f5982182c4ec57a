// What EAR's claims are called: three generations of JSON names and one set of CBOR keys. [EAR] [RFC9711 §10] [RFC8392 §4]
import type { EarGeneration } from './ear.ts';

export type EarClaim =
  | 'issuer'
  | 'subject'
  | 'audience'
  | 'expiresAt'
  | 'notBefore'
  | 'issuedAt'
  | 'nonce'
  | 'profile'
  | 'submods'
  | 'status'
  | 'vector'
  | 'rawEvidence'
  | 'policyIds'
  | 'verifierId'
  | 'developer'
  | 'build'
  | 'details';

/** Profile -> the generation whose names it uses. Trustee uses the names of 2023 under a profile of its own. */
export const earProfiles: ReadonlyMap<string, EarGeneration> = new Map<string, EarGeneration>([
  ['tag:github.com,2023:veraison/ear', 'veraison-2023'],
  ['tag:github.com,2024:confidential-containers/Trustee', 'veraison-2023'],
  ['tag:ietf.org,2025-07:ear', 'draft-2025'],
  ['tag:ietf.org,2026:rats/ear#03', 'draft-2026'],
]);

/** The profile that is written for each generation. */
export const profileOf: Readonly<Record<EarGeneration, string>> = {
  'veraison-2023': 'tag:github.com,2023:veraison/ear',
  'draft-2025': 'tag:ietf.org,2025-07:ear',
  'draft-2026': 'tag:ietf.org,2026:rats/ear#03',
};

const shared = {
  issuer: 'iss',
  subject: 'sub',
  audience: 'aud',
  expiresAt: 'exp',
  notBefore: 'nbf',
  issuedAt: 'iat',
  nonce: 'eat_nonce',
  profile: 'eat_profile',
  submods: 'submods',
  developer: 'developer',
  build: 'build',
  details: 'https://touchstone.dev/claims/appraisal',
} as const;

const dotted = {
  ...shared,
  status: 'ear.status',
  vector: 'ear.trustworthiness-vector',
  rawEvidence: 'ear.raw-evidence',
  policyIds: 'ear.appraisal-policy-id',
  verifierId: 'ear.verifier-id',
} as const;

const underscored = {
  ...shared,
  status: 'ear_status',
  vector: 'ear_trustworthiness_vector',
  rawEvidence: 'ear_raw_evidence',
  policyIds: 'ear_appraisal_policy_ids',
  verifierId: 'ear_verifier_id',
} as const;

export const jsonNames: Readonly<Record<EarGeneration, Readonly<Record<EarClaim, string>>>> = {
  'veraison-2023': dotted,
  'draft-2025': dotted,
  'draft-2026': underscored,
};

export const cborKeys: Readonly<Record<EarClaim, number | string>> = {
  issuer: 1,
  subject: 2,
  audience: 3,
  expiresAt: 4,
  notBefore: 5,
  issuedAt: 6,
  nonce: 10,
  profile: 265,
  submods: 266,
  status: 1000,
  vector: 1001,
  rawEvidence: 1002,
  policyIds: 1003,
  verifierId: 1004,
  developer: 0,
  build: 1,
  details: shared.details,
};
