// Attestation results: findings, the trust vector, EAR claims, JWT and CWT.
export type { Finding, FindingSeverity } from './finding.ts';
export * from './trust-vector.ts';
export type { BootEpoch, Verdict, VerdictBoot } from './verdict.ts';
