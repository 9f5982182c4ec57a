// The front door of the core: evidence + trust + policy + time -> verdict.
export { isBeyondGoldens } from './advise.ts';
export { appraise, type AppraisalMemory } from './appraise.ts';
export { readBootClass, type NamedEvidence } from './boot-class.ts';
export { captureCommand } from './check-layers.ts';
export { checkUserspaceLog } from './check-userspace-log.ts';
export { coveredPcrs, policyPcrSelection } from './coverage.ts';
export type { EndorsementStanding, Evidence, PlatformStanding, Trust } from './evidence.ts';
export { findings, type FindingCode, type FindingRow } from './findings.table.ts';
export type { LogMemory, RememberedLog } from './log-memory.ts';
export { nameLog, nameOfLog, type NamedLog } from './named-log.ts';
export { parsePolicy, verdictSecondsSchema } from './parse-policy.ts';
export { conditionsSchema } from './read-conditions.ts';
export { conditionFacts, type ConditionFact } from './condition-facts.table.ts';
export { lintPolicy, type PolicyRemark } from './lint-policy.ts';
export { policyRemarks } from './policy-remarks.table.ts';
export type { DemandSchema } from './demand-schema.ts';
export { factTable, type FactRow } from './facts.table.ts';
export type { AppraisalPolicy } from './policy.ts';
export type { FactName, RequiredFacts } from './required-facts.ts';
export {
  changeOfTwin,
  compareVerdicts,
  findingKey,
  groupChanges,
  reasonOf,
  type FleetChange,
  type FleetChangeGroup,
  type FleetChangeKind,
} from './what-if.ts';
