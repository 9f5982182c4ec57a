// What a host is told to do about its refused boot, where that boot is what operators took back or keep back: an appraisal knows of golden
// measurements in force alone, and advises to have it accepted.
import { captureWord } from '../../core/appraisal/index.ts';
import type { Finding, Verdict } from '../../core/verdict/index.ts';
import type { ServerContext } from '../context.ts';
import { describeStanding } from '../golden/standing.ts';
import { fitRemedy } from './fit-remedy.ts';
import { findTakenBack } from './nearest-golden.ts';
import { remedyOf } from './standing-remedy.ts';

/** The verdict as it is told, which is not how it is kept: what is kept follows from evidence and trust alone. */
export async function adviseHost(context: ServerContext, kept: Verdict): Promise<Verdict> {
  const verdict = { ...kept, findings: kept.findings.map(fitRemedy) };
  const { host, findings } = verdict;
  const layers = new Set(findings.filter(isCaptureAdvised).map(({ layer }) => layer));
  if (layers.size === 0) return verdict;
  const takenBack = await findTakenBack(context, host, layers);
  if (takenBack.size === 0) return verdict;
  return { ...verdict, findings: findings.map((finding) => advise(finding, host, takenBack)) };
}

type CaptureAdvised = Finding & { readonly layer: string };

function isCaptureAdvised(finding: Finding): finding is CaptureAdvised {
  return finding.check === 'layers' && finding.layer !== undefined && finding.remedy.includes(captureWord);
}

function advise(finding: Finding, host: string, takenBack: Awaited<ReturnType<typeof findTakenBack>>): Finding {
  const standing = isCaptureAdvised(finding) ? takenBack.get(finding.layer) : undefined;
  if (standing === undefined) return finding;
  const { id, state } = standing;
  const known = `This boot is what a ${state} golden measurement describes: ${id} ${describeStanding(standing)}.`;
  return { ...finding, remedy: `${known} ${remedyOf(standing, { host, layer: finding.layer ?? '' })}` };
}
