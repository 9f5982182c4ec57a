// The front door of the core: evidence + trust + policy + time -> verdict.
export { isBeyondGoldens } from './advise.ts';
export { appraise, type AppraisalMemory } from './appraise.ts';
export { readBootClass, type NamedEvidence } from './boot-class.ts';
export type { EndorsementStanding, Evidence, PlatformStanding, Trust } from './evidence.ts';
export { findings, type FindingCode, type FindingRow } from './findings.table.ts';
export type { LogMemory, RememberedLog } from './log-memory.ts';
export type { RememberedRuntime, RuntimeMemory } from './runtime-memory.ts';
export { beginningOf, growInPieces, growLog, nameInPieces, nameLog, nameOfLog, type NamedLog } from './named-log.ts';
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

// checks/: one file for each question that evidence must answer.
export { captureCommand, captureWord } from './checks/check-layers.ts';
export { checkUserspaceLog } from './checks/check-userspace-log.ts';

// policy/: what a group of hosts must satisfy, as it is written, read and looked over.
export { coveredPcrs, policyPcrSelection } from './policy/coverage.ts';
export { parsePolicy, verdictSecondsSchema } from './policy/parse-policy.ts';
export { lintPolicy, type PolicyRemark } from './policy/lint-policy.ts';
export { policyRemarks } from './policy/policy-remarks.table.ts';
export type { AppraisalPolicy } from './policy/policy.ts';

// demands/: facts that a policy may require by name.
export type { DemandSchema } from './demands/demand-schema.ts';
export { factTable, type FactRow } from './demands/facts.table.ts';
export type { FactName, RequiredFacts } from './demands/required-facts.ts';

// conditions/: what a policy asks of facts in CEL.
export { conditionsSchema } from './conditions/read-conditions.ts';
export { conditionFacts, type ConditionFact } from './conditions/condition-facts.table.ts';
