// Golden measurements: what a good layer measures to, who approved it, and whether a boot agrees.
// parse -> ClaimedGolden -> verify (with signers and quorum) -> ApprovedGolden -> match (with a ReplayedLog) -> LayerMatch.
export {
  goldenPayloadType,
  type ApprovedGolden,
  type AuthorisedSigner,
  type ClaimedGolden,
  type CountedSignature,
} from './approval.ts';
export { createGoldenStatements, readCaptureGaps, type CaptureGap, type CaptureOptions } from './capture.ts';
export { describeLog } from './describe-log.ts';
export { goldenBanks, readDigestSet } from './digest-set.ts';
export { encodeGoldenStatement, expectationDigest, shortGoldenId } from './encode-statement.ts';
export { documentIdOf, openEnvelope, type ClaimedSignature, type SignedDocument } from './envelope.ts';
export { describeFiles, landmarkOf } from './landmark.ts';
export type { Divergence, DivergenceKind, DivergenceSide, LayerMatch } from './layer-match.ts';
export { compareNearness, matchLayer } from './match.ts';
export { matchRuntime, type RuntimeMatch, type RuntimeTally } from './match-runtime.ts';
export { parseGolden, readGoldenAhead } from './parse-golden.ts';
export { parseGoldenStatement, readGoldenStatementAhead } from './parse-statement.ts';
export { readRecurrence, type Recurrence } from './recurrence.ts';
export { signerKeyId, signerScheme } from './signer.ts';
export {
  goldenPredicateType,
  statementType,
  type AcceptedRevocation,
  type DigestSet,
  type ExpectedEvent,
  type ExpectedFile,
  type ExpectedFiles,
  type ExpectedPcr,
  type GoldenProvenance,
  type GoldenStatement,
  type GoldenSubject,
  type ImportOrigin,
} from './statement.ts';
export { supposeApproved, supposeApprovedStatement } from './suppose-golden.ts';
export {
  countSignatures,
  endsSoon,
  isValidAt,
  requireApprovals,
  verifyApproval,
  verifyGolden,
  type ApprovalRules,
} from './verify-golden.ts';
export { validityAround, type ValidityWindow } from './validity.ts';
