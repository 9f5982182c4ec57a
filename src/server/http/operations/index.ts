// Every operation and who does it.
import type { Handlers } from '../handler.ts';
import { admitOperations } from './admit.ts';
import { attestOperations } from './attest.ts';
import { endorserOperations } from './endorsers.ts';
import { attestationCaOperations } from './attestation-ca.ts';
import { breakGlassOperations } from './break-glass.ts';
import { denyOperations } from './deny.ts';
import { enrolOperations } from './enrol.ts';
import { evidenceBundleOperations } from './evidence-bundle.ts';
import { eventOperations } from './events.ts';
import { explanationOperations } from './explanation.ts';
import { goldenOperations } from './golden.ts';
import { healthOperations } from './health.ts';
import { hostOperations } from './hosts.ts';
import { intermediateOperations } from './intermediates.ts';
import { nextAttestationOperations } from './next-attestations.ts';
import { outlierOperations } from './outliers.ts';
import { pendingHostOperations } from './pending-hosts.ts';
import { quarantineOperations } from './quarantines.ts';
import { rolloutOperations } from './rollouts.ts';
import { identityConflictOperations } from './identity-conflicts.ts';
import { kubernetesOperations } from './kubernetes.ts';
import { signingKeyOperations } from './signing-keys.ts';
import { lockoutOperations } from './lockout.ts';
import { subscriptionOperations } from './subscriptions.ts';
import { trustOperations } from './trust.ts';
import { whatIfOperations } from './what-if.ts';

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
