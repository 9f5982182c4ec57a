// Deny lists: what operators, together, say that no trusted host may have.
// parse -> ClaimedDenyList -> verify (with signers and quorum) -> ApprovedDenyList -> rules -> denials of a boot.
export { denyPayloadType, type Denied, type DenyEntry, type DenyList } from './deny-list.ts';
export {
  createDenyRules,
  denyRulesInPieces,
  denyRulesOf,
  isInForceAt,
  type DenyRule,
  type DenyRules,
  type NamedGolden,
} from './deny-rules.ts';
export { encodeDenied, encodeDenyList } from './encode-deny-list.ts';
export { deniableGoldens, matchDeniedGoldens, rulesOfGolden } from './match-denied.ts';
export { parseDenyList, readDenied, readDenyListAhead } from './parse-deny-list.ts';
export { readBootDenials, type Denial } from './read-denials.ts';
export {
  parseDenyEnvelope,
  readDenyEnvelopeAhead,
  verifyDenyList,
  type ApprovedDenyList,
  type ClaimedDenyList,
} from './verify-deny-list.ts';
