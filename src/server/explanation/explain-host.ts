// Why a host is refused, for whoever is woken by it: since when, and who else.
import { findingKey, isBeyondGoldens } from '../../core/appraisal/index.ts';
import type { Finding, VerdictPolicy } from '../../core/verdict/index.ts';
import type { HeldVerdict } from '../attestation/host-verdict.ts';
import { readHostVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import type { VerdictRecord } from '../storage/index.ts';
import { findCompany, othersWith } from './company.ts';
import { foreseeHost, type Foreseen } from './foresee-host.ts';
import { findNearestGoldens, type NearestGolden } from './nearest-golden.ts';
import { fitRemedy } from './fit-remedy.ts';
import { remedyOf } from './standing-remedy.ts';
import { findTrustedBefore } from './trusted-before.ts';

export interface ExplainedFinding {
  readonly finding: Finding;
  /** Milliseconds: when the first of the unbroken row of verdicts with this finding was issued. */
  readonly since: number;
  /** False when the row reaches back to the oldest verdict that is kept. */
  readonly isSinceKnown: boolean;
  /** Other hosts whose last verdict has the same, ascending. */
  readonly others: readonly string[];
  /** A golden measurement out of force that the layer of this boot is, or comes near to. Told once for each layer. */
  readonly nearest?: NearestGolden;
}

export interface Explanation {
  readonly held: HeldVerdict;
  /** The last verdict that trusted this very boot, where the one that counts does not. */
  readonly trustedBefore?: { readonly issuedAt: number; readonly policy: VerdictPolicy | undefined };
  /** Where the next attestation of this boot will find something else. */
  readonly next?: Foreseen;
  /** What denies first, then what warns; each in the order of the appraisal. */
  readonly findings: readonly ExplainedFinding[];
}

/** @throws ServerError HOST_NOT_FOUND */
export async function explainHost(context: ServerContext, hostId: string): Promise<Explanation> {
  const held = await readHostVerdict(context, hostId);
  const history = await context.store.listVerdicts(hostId);
  const denying = (held.verdict?.findings ?? []).filter(({ severity }) => severity === 'error');
  const warning = (held.verdict?.findings ?? []).filter(({ severity }) => severity === 'warning');
  const findings = [...denying, ...warning];
  const company = await findCompany(context, hostId, new Set(findings.map(findingKey)));
  const nearest = await findNearestGoldens(
    context,
    hostId,
    new Set(denying.filter(isOfLayer).map(({ layer }) => layer)),
  );
  const told = new Set<string>();
  const isRefusedAnyway = denying.some(isBeyondGoldens);
  const before = findTrustedBefore(history);
  const next = await foreseeHost(context, held);
  return {
    held,
    ...(before === undefined ? {} : { trustedBefore: { issuedAt: before.issuedAt, policy: before.verdict.policy } }),
    ...(next === undefined ? {} : { next }),
    findings: findings.map((finding) => ({
      ...withNearest(finding, { host: hostId, nearest, told, isRefusedAnyway }),
      ...traceBack(finding, history),
      others: othersWith(finding, findings, company),
    })),
  };
}

/** What a verdict says of golden measurements in force, which alone it knows. */
function isOfLayer(finding: Finding): finding is Finding & { readonly layer: string } {
  return finding.layer !== undefined && (finding.check === 'layers' || finding.check === 'runtime');
}

interface Nearness {
  readonly host: string;
  readonly nearest: ReadonlyMap<string, NearestGolden>;
  /** Layers of which it was said. */
  readonly told: Set<string>;
  /** Whatever golden measurements there are: then nothing that would bring one in force is advised. */
  readonly isRefusedAnyway: boolean;
}

function withNearest(
  finding: Finding,
  { host, nearest, told, isRefusedAnyway }: Nearness,
): Pick<ExplainedFinding, 'finding' | 'nearest'> {
  const found = isOfLayer(finding) && finding.severity === 'error' ? nearest.get(finding.layer) : undefined;
  if (found === undefined) return { finding: fitRemedy(finding) };
  const { layer = '' } = finding;
  const isAdvised = found.isExact && !isRefusedAnyway;
  const remedy = isAdvised ? remedyOf(found.standing, { host, layer }) : finding.remedy;
  const isTold = told.has(layer);
  told.add(layer);
  return { finding: { ...finding, remedy }, ...(isTold ? {} : { nearest: found }) };
}

function traceBack(
  finding: Finding,
  history: readonly VerdictRecord[],
): Pick<ExplainedFinding, 'since' | 'isSinceKnown'> {
  const key = findingKey(finding);
  const end = history.findIndex(({ verdict }) => !verdict.findings.some((each) => findingKey(each) === key));
  const row = end === -1 ? history : history.slice(0, end);
  const oldest = row.at(-1);
  // The first verdict of a host has number 1: nothing was forgotten before it.
  return { since: oldest?.issuedAt ?? 0, isSinceKnown: end !== -1 || oldest?.sequence === 1 };
}
