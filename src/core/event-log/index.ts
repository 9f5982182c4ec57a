// The boot log: read, replay, hold against attested registers, tell what the boot was.
// parse -> ClaimedEventLog -> verify (with AttestedPcrs) -> ReplayedLog -> facts, layers, changes.
export type {
  AppliedQuirk,
  ClaimedEventLog,
  EventLogFormat,
  LogEvent,
  ParseEventLogOptions,
  RegisterModel,
  SpecId,
  StartupLocality,
} from './claimed-log.ts';
export type { AnnotatedLog, BoundEvent, PcrStatus, ReplayedLog, ReplayFindings } from './replayed-log.ts';
export type * from './decoded-event.ts';
export type * from './facts.ts';
export { eventTypes, typeNameOf, type EventTypeName } from './event-types.table.ts';
export { type QuirkId, type QuirkRow } from './quirks.table.ts';
export { bootLayers, layers, layersOfPcr, pcrsOfLayer, type Layer } from './layer.ts';
export { parseEventLog } from './parse-event-log.ts';
export { replayEventLog, replayForeignBank } from './replay.ts';
export { banksByStrength, type ForeignBank } from './hash-identifiers.table.ts';
export { annotateEventLog } from './annotate-event-log.ts';
export { decodeEvent } from './decode-event.ts';
export { verifyEventLog } from './verify-event-log.ts';
export {
  parseUserspaceLog,
  type ClaimedUserspaceLog,
  type UserspaceContent,
  type UserspaceRecord,
} from './userspace-log.ts';
export { appendUserspaceLog } from './userspace-events.ts';
export { digestsOfUserspace, encodeUserspaceLog, type UserspaceToEncode } from './encode-userspace-log.ts';
export type { UserspaceOutcome } from './explain-userspace.ts';
export { bootPhases, isSystemMark, type BootPhase, type UserspaceMeasurement } from './userspace-measurement.ts';
export type { EventOrigin } from './event-origin.ts';
export { coverageTable, type Coverage } from './coverage.table.ts';
export { encodeUefiVariable } from './uefi-variable.ts';
export {
  encodeSignatureList,
  missingRevocations,
  parseSignatureDatabase,
  readAuthoritySignature,
  type SignatureListToEncode,
} from './signature-list.ts';
export { encodeGuid, guids } from './guid.ts';
export { encodeUtf16 } from './text.ts';
export { parseRevocationList, type RevocationList } from './revocation-list.ts';
export { readClaimedFacts, readFacts } from './read-facts.ts';
export {
  nameOfSubject,
  readCertificate,
  readKeyCertificates,
  readPlatformVendor,
  type KeyCertificate,
} from './key-certificates.ts';
export { formatBootNumber } from './describe-event.ts';
export { readBootChain, type BootChainLink, type BootImageRole } from './boot-chain.ts';
export { hardening, type HardeningName } from './hardening.table.ts';
export {
  joinParameter,
  kernelReleaseOf,
  parseCommandLine,
  parseInitArguments,
  splitParameter,
} from './kernel-parameter.ts';
export { diffEventLogs, type BootChange, type BootChangeKind } from './boot-change.ts';
export { digestsOfEvent, encodeEventLog, type EncodeEventLogOptions, type EventToEncode } from './encode-event-log.ts';
