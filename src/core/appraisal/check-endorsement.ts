import type { Finding } from '../verdict/index.ts';
import type { Trust } from './evidence.ts';
import { createFinding } from './finding.ts';

/** Whether somebody vouches for the TPM was settled at enrolment; here it only colours the verdict. */
export function checkEndorsement({ endorsement }: Pick<Trust, 'endorsement'>): Finding[] {
  if (endorsement === 'verified') return [];
  const message = 'The EK of this host was enrolled without a certificate of a trusted TPM maker.';
  return [createFinding('ENDORSEMENT_UNVERIFIED', { check: 'endorsement', message })];
}
