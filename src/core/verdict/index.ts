// The verdict and its forms: findings, trust vector, EAR as JWT and CWT.
export type { Finding, Severity } from './finding.ts';
export {
  isClaimValue,
  isTrustClaim,
  isWorse,
  statusOfClaim,
  statusOfVector,
  worstStatus,
  type TrustClaim,
  type TrustStatus,
  type TrustVector,
} from './trust-vector.ts';
export {
  goldensOf,
  goldensOfLayer,
  type BootEpoch,
  type Verdict,
  type VerdictBoot,
  type VerdictPolicy,
} from './verdict.ts';
export {
  createDecisionJwt,
  verifyDecisionJwt,
  type AdmissionDecision,
  type BreakGlassGround,
  type DecisionExpectation,
  type VerifiedDecision,
} from './decision-token.ts';
export { statusOfEar, type Ear, type EarAppraisal, type EarGeneration, type EarNonce } from './ear.ts';
export { createEarCwt, createEarJwt, verifyEarCwt, verifyEarJwt, type VerifiedEar } from './ear-token.ts';
export { earOf, encodeEarCbor, encodeEarJson, type EarOptions } from './encode-ear.ts';
export { signEvent, verifyEvent, type EventExpectation, type EventSigning } from './event-signature.ts';
export { openDetached, signDetached } from './detached.ts';
export type { TokenKey } from './jws.ts';
export { observeEarClaims, observeEarSubmods, observeEarToken, type EarObservation } from './observe-ear.ts';
export { parseEarCbor, parseEarClaims, parseEarJson, parseEarSubmods } from './parse-ear.ts';
export type { TokenExpectation } from './token-expectation.ts';
export type { EarExpectation } from './check-ear.ts';
