// What an operator is told to do first. Some of what a policy refuses of a boot no golden measurement can excuse: it is said
// before what the boot does not match, and while it stands nobody is told to approve that boot.
import type { Finding } from '../verdict/index.ts';
import { captureWord } from './checks/check-layers.ts';

/** The order of the appraisal, but for what no golden measurement can excuse: that comes before the layers. */
export function advise(findings: readonly Finding[]): readonly Finding[] {
  const beyond = findings.filter(isBeyondGoldens);
  const [first] = beyond;
  if (first === undefined) return findings;
  const isLater = ({ check }: Finding): boolean => check === 'layers' || check === 'runtime';
  const others = findings.filter((finding) => !isBeyondGoldens(finding));
  return [
    ...others.filter((finding) => !isLater(finding)),
    ...beyond,
    ...others.filter(isLater).map((finding) => withoutCapture(finding, first.code)),
  ];
}

/** Whatever golden measurements are approved, this boot is refused for it. Not who vouches for the TPM: that is no matter of the boot. */
export function isBeyondGoldens({ check, severity, code }: Finding): boolean {
  if (severity !== 'error') return false;
  return check === 'event-log' || check === 'facts' || (check === 'denied' && code !== 'DENIED_ENDORSER');
}

function withoutCapture(finding: Finding, code: string): Finding {
  if (!finding.remedy.includes(captureWord)) return finding;
  return {
    ...finding,
    remedy: `Mend ${code} first: while that stands, this boot is refused whatever is approved. It may be the reason for this difference too.`,
  };
}
