// The front door of the core: evidence + trust + policy + time -> verdict.
export { appraise } from './appraise.ts';
export { coveredPcrs, policyPcrSelection } from './coverage.ts';
export type { Evidence, Trust } from './evidence.ts';
export { findings, type FindingCode, type FindingRow } from './findings.table.ts';
export { parsePolicy } from './parse-policy.ts';
export type { AppraisalPolicy, RequiredFacts } from './policy.ts';
export {
  compareVerdicts,
  groupChanges,
  type FleetChange,
  type FleetChangeGroup,
  type FleetChangeKind,
} from './what-if.ts';
