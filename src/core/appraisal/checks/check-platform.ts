// Claim 1 of `appraise`, of the machine: its maker bound it to the TPM, where the policy demands that.
import { printable } from '../../encoding/index.ts';
import type { Finding } from '../../verdict/index.ts';
import type { PlatformFacts } from '../../x509/index.ts';
import type { Trust } from '../evidence.ts';
import { createFinding } from '../finding.ts';
import type { AppraisalPolicy } from '../policy/policy.ts';

/** Where the policy demands that a maker bound the machine to its TPM. Its list of parts is a claim: nothing here measures them. */
export function checkPlatform(
  { platform }: Pick<Trust, 'platform'>,
  policy: Pick<AppraisalPolicy, 'platformCertificate'> | undefined,
): Finding[] {
  const check = 'platform';
  if (policy?.platformCertificate !== 'required') return [];
  if (platform === undefined) {
    const message = 'The policy demands a platform certificate, and the host enrolled without one.';
    return [createFinding('PLATFORM_CERTIFICATE_ABSENT', { check, message })];
  }
  if ('refused' in platform) {
    const { code, message } = platform.refused;
    return [
      createFinding('PLATFORM_CERTIFICATE_REFUSED', {
        check,
        message: `The platform certificate of the host is not proven: ${code}, ${printable(message)}.`,
      }),
    ];
  }
  return [createFinding('PLATFORM_CERTIFICATE_PROVEN', { check, message: describe(platform.facts, platform.anchor) })];
}

function describe({ manufacturer, model, version, serial, components }: PlatformFacts, anchor: string): string {
  const name = [manufacturer, model, version].filter((part) => part !== '').join(' ');
  const number = serial === undefined ? '' : `, serial number ${serial}`;
  const parts = `${components.length} parts are listed, which nothing measures`;
  return `${anchor} bound this TPM to the machine ${name}${number}; ${parts}.`;
}
