// Every operation and who does it.
import type { Handlers } from './handler.ts';
import { admitOperations } from './operations/admit.ts';
import { attestOperations } from './operations/attest.ts';
import { endorserOperations } from './operations/endorsers.ts';
import { attestationCaOperations } from './operations/attestation-ca.ts';
import { breakGlassOperations } from './operations/break-glass.ts';
import { denyOperations } from './operations/deny.ts';
import { enrolOperations } from './operations/enrol.ts';
import { evidenceBundleOperations } from './operations/evidence-bundle.ts';
import { eventOperations } from './operations/events.ts';
import { explanationOperations } from './operations/explanation.ts';
import { goldenOperations } from './operations/golden.ts';
import { healthOperations } from './operations/health.ts';
import { hostOperations } from './operations/hosts.ts';
import { intermediateOperations } from './operations/intermediates.ts';
import { nextAttestationOperations } from './operations/next-attestations.ts';
import { outlierOperations } from './operations/outliers.ts';
import { pendingHostOperations } from './operations/pending-hosts.ts';
import { quarantineOperations } from './operations/quarantines.ts';
import { rolloutOperations } from './operations/rollouts.ts';
import { identityConflictOperations } from './operations/identity-conflicts.ts';
import { kubernetesOperations } from './operations/kubernetes.ts';
import { signingKeyOperations } from './operations/signing-keys.ts';
import { lockoutOperations } from './operations/lockout.ts';
import { subscriptionOperations } from './operations/subscriptions.ts';
import { trustOperations } from './operations/trust.ts';
import { whatIfOperations } from './operations/what-if.ts';

export const handlers: Handlers = {
  ...enrolOperations,
  ...attestationCaOperations,
  ...attestOperations,
  ...admitOperations,
  ...kubernetesOperations,
  ...hostOperations,
  ...nextAttestationOperations,
  ...outlierOperations,
  ...explanationOperations,
  ...evidenceBundleOperations,
  ...identityConflictOperations,
  ...pendingHostOperations,
  ...quarantineOperations,
  ...breakGlassOperations,
  ...denyOperations,
  ...goldenOperations,
  ...rolloutOperations,
  ...whatIfOperations,
  ...trustOperations,
  ...signingKeyOperations,
  ...endorserOperations,
  ...eventOperations,
  ...lockoutOperations,
  ...subscriptionOperations,
  ...intermediateOperations,
  ...healthOperations,
};
