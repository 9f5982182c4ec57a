import type { Finding } from '../verdict/index.ts';
import type { Trust } from './evidence.ts';
import { createFinding } from './finding.ts';

/** Whether somebody vouches for the TPM is settled before: at enrolment, and again when whoever did is withdrawn. */
export function checkEndorsement({ endorsement }: Pick<Trust, 'endorsement'>): Finding[] {
  if (endorsement === 'verified') return [];
  if (endorsement === 'missing') {
    const message = 'Nobody vouches for the TPM of this host any more.';
    return [createFinding('ENDORSEMENT_MISSING', { check: 'endorsement', message })];
  }
  const message = 'The EK of this host was enrolled without a certificate of a trusted TPM maker.';
  return [createFinding('ENDORSEMENT_UNVERIFIED', { check: 'endorsement', message })];
}
