// The kernel's run-time measurements: parse, replay, verify against an attested PCR, judge by an allow list.
export { parseImaList, type ImaEntry, type ImaList, type ImaPlace } from './parse.ts';
export { looksLikeImaText, parseImaText } from './parse-text.ts';
export { kernelReplays, replayImaEntries, replayImaPrefixes, type ReplayMode } from './replay.ts';
export {
  readImaAhead,
  verifyImaList,
  type ImaCheckpoint,
  type ImaReading,
  type ImaVerification,
  type VerifiedImaList,
} from './verify.ts';
export { isSignedBy, parseImaSignature, type ImaSignature } from './signature.ts';
export {
  entriesToJudge,
  fileDigestName,
  judgeEntry,
  type ImaAllowList,
  type ImaRefusalReason,
  type RefusedEntry,
} from './allow-list.ts';
export type { FileDigest, TemplateContent } from './template.ts';
