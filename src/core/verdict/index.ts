export type { Finding, Severity } from './finding.ts';
export {
  isClaimValue,
  isTrustClaim,
  isWorse,
  statusOfClaim,
  statusOfVector,
  trustClaims,
  trustTiers,
  worstStatus,
  type TrustClaim,
  type TrustStatus,
  type TrustVector,
} from './trust-vector.ts';
export type { BootEpoch, Verdict, VerdictBoot, VerdictPolicy } from './verdict.ts';
