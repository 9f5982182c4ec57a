// Evidence bundles: everything behind one verdict in one file. create -> bytes -> open (with keys) -> OpenedBundle -> appraise.
export { appraiseBundle, type BundleAppraisal, type OwnTrust } from './appraise-bundle.ts';
export { encodeArchive, encodeArchiveInPieces, parseArchive, type Part } from './archive.ts';
export { accountOf, type AuditAccount } from './audit-account.ts';
export { openAudit, readSignedCheckpoint, type LoggedEntry, type RecordedAudit } from './audit-part.ts';
export type { EndOfTrust } from './beside-verdict.ts';
export { readHistory, type RecordedHistory } from './history-part.ts';
export { attestationText, readAttestation, type RecordedAttestation } from './attestation-part.ts';
export {
  createEvidenceBundle,
  evidenceAudience,
  readClaimedKeys,
  type BundleContent,
  type Standing,
} from './bundle.ts';
export { partsOf } from './documents.ts';
export { encodeHost, readHost, type RecordedHost } from './host-parts.ts';
export { openEvidenceBundle, type OpenedBundle } from './open-bundle.ts';
export {
  encodeTrust,
  encodeTrustAhead,
  nameGoldenFile,
  readTrust,
  readTrustAhead,
  type RecordedTrust,
} from './trust-parts.ts';
