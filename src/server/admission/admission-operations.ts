// The questions by which orchestrators place workloads; and what is answered at an address of admission's own: these, and whether anybody is there.
// None of them changes anything; test/server/admission-server.test.ts holds each to that.
import type { OperationId } from '../../api/index.ts';

export const placementQuestions: ReadonlySet<OperationId> = new Set<OperationId>([
  'getVerdict',
  'createAdmissionDecision',
  'createAdmissionBatch',
  'reviewKubernetesAdmission',
  'filterKubernetesNodes',
  'prioritizeKubernetesNodes',
]);

export const admissionOperations: ReadonlySet<OperationId> = new Set<OperationId>([
  ...placementQuestions,
  'getHealth',
  'getReadiness',
]);
