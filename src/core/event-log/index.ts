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
export { bootLayers, layers, layersOfPcr, pcrsOfLayer, type Layer } from './layer.ts';
export { replayEventLog, replayForeignBank, untouchedValue } from './replay.ts';
export { annotateEventLog } from './annotate-event-log.ts';
export { verifyEventLog } from './verify-event-log.ts';
export type { EventOrigin } from './event-origin.ts';

// formats/: bytes to events, and events to bytes.
export { type QuirkId, type QuirkRow } from './formats/quirks.table.ts';
export { parseEventLog } from './formats/parse-event-log.ts';
export { banksByStrength, type ForeignBank } from './formats/hash-identifiers.table.ts';
export {
  digestsOfEvent,
  encodeEventLog,
  type EncodeEventLogOptions,
  type EventToEncode,
} from './formats/encode-event-log.ts';

// events/: one event: its type, what its data says, what its digest covers.
export type * from './events/decoded-event.ts';
export { eventTypes, typeNameOf, type EventTypeName } from './events/event-types.table.ts';
export { decodeEvent } from './events/decode-event.ts';
export { tags as eventTags } from './events/tagged-event.ts';
export { coverageTable, type Coverage } from './events/coverage.table.ts';
export { encodeUtf16 } from './events/text.ts';
export { formatBootNumber } from './events/describe-event.ts';

// uefi/: structures of UEFI that events carry.
export { encodeUefiVariable } from './uefi/uefi-variable.ts';
export {
  encodeSignatureList,
  missingRevocations,
  parseSignatureDatabase,
  readAuthoritySignature,
  type SignatureListToEncode,
} from './uefi/signature-list.ts';
export { encodeGuid, guids } from './uefi/guid.ts';
export { parseRevocationList, type RevocationList } from './uefi/revocation-list.ts';
export {
  nameOfSubject,
  readCertificate,
  readKeyCertificates,
  readPlatformVendor,
  type KeyCertificate,
} from './uefi/key-certificates.ts';

// userspace/: what the running system says it measured.
export {
  parseUserspaceLog,
  type ClaimedUserspaceLog,
  type UserspaceContent,
  type UserspaceRecord,
} from './userspace/userspace-log.ts';
export { appendUserspaceLog } from './userspace/userspace-events.ts';
export { digestsOfUserspace, encodeUserspaceLog, type UserspaceToEncode } from './userspace/encode-userspace-log.ts';
export type { UserspaceOutcome } from './userspace/explain-userspace.ts';
export {
  bootPhases,
  isSystemMark,
  type BootPhase,
  type UserspaceMeasurement,
} from './userspace/userspace-measurement.ts';

// facts/: what a boot was.
export type * from './facts/facts.ts';
export { readClaimedFacts, readFacts } from './facts/read-facts.ts';
export { readBootChain, type BootChainLink, type BootImageRole } from './facts/boot-chain.ts';
export { hardening, type HardeningName } from './facts/hardening.table.ts';
export {
  joinParameter,
  kernelReleaseOf,
  parseCommandLine,
  parseInitArguments,
  splitParameter,
} from './facts/kernel-parameter.ts';

// changes/: what is new since another boot.
export { diffEventLogs, type BootChange, type BootChangeKind } from './changes/boot-change.ts';
export { itemsBeyond } from './changes/change-words.ts';
