// The front door of the core: evidence + trust + policy + time -> verdict.
export { appraise } from './appraise.ts';
export type { Evidence, Trust } from './evidence.ts';
export { parsePolicy, policyPcrSelection } from './parse-policy.ts';
export type { AppraisalPolicy, RequiredFacts } from './policy.ts';
