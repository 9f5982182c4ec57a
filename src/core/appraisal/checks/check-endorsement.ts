// Claim 1 of `appraise`, of the TPM: somebody vouches for it, and that was not revoked.
import type { Finding } from '../../verdict/index.ts';
import type { MissingIssuer } from '../../x509/index.ts';
import type { Trust } from '../evidence.ts';
import { createFinding } from '../finding.ts';

const failures = {
  unverified: [
    'ENDORSEMENT_UNVERIFIED',
    'The EK of this host was enrolled without a certificate of a trusted TPM maker.',
  ],
  missing: ['ENDORSEMENT_MISSING', 'Nobody vouches for the TPM of this host any more.'],
  revoked: ['ENDORSEMENT_REVOKED', 'A certificate that vouched for the TPM of this host was revoked by its issuer.'],
  unchecked: [
    'ENDORSEMENT_REVOCATION_UNKNOWN',
    'A revocation list that this TPM depends on is stale or not by its issuer, or is missing and the trust anchor demands it.',
  ],
} as const;

/** Whether somebody vouches for the TPM is settled before: at enrolment, and again when lists or endorsers change. */
export function checkEndorsement({
  endorsement,
  leniencies = [],
  missingIssuer,
}: Pick<Trust, 'endorsement' | 'leniencies' | 'missingIssuer'>): Finding[] {
  if (endorsement !== 'verified') {
    const [code, message] = failures[endorsement];
    const missing = missingIssuer === undefined ? {} : describeMissing(missingIssuer);
    return [createFinding(code, { check: 'endorsement', message, ...missing })];
  }
  return leniencies.map(({ id, certificate }) =>
    createFinding('ENDORSEMENT_LENIENCY', {
      check: 'endorsement',
      message: `Tolerated ${id}${certificate === '' ? '' : ` of ${certificate}`}.`,
    }),
  );
}

function describeMissing({ name, keyIdHex }: MissingIssuer): Pick<Finding, 'expected' | 'observed' | 'remedy'> {
  const key = keyIdHex === undefined ? '' : ` (key identifier ${keyIdHex})`;
  return {
    expected: `the certificate of the authority "${name}"${key}`,
    observed: 'neither the host nor the server has it',
    remedy:
      'Get it from the maker of the TPM: `touchstone trust-anchor intermediates import FILE` if it stands below a root, `touchstone trust-anchor import FILE` if it is the root.',
  };
}
