// When the hosts feel what was changed: by their next attestations, which they were asked to come for.
import { viewVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import { selectPolicy } from '../trust/select-policy.ts';
import { hasReached, wasReachedLast } from '../rollout/stages.ts';
import { readHosts } from './walk-fleet.ts';

/** Of some hosts. Times are in milliseconds, and absent where there are none. */
export interface Returns {
  hosts: number;
  /** Of these, asked to come before now, and not there yet. */
  overdue: number;
  /** Of these, not asked: they have not attested since they enrolled or booted. */
  unasked: number;
  /** When the last of the others was asked to come. */
  dueBy: number | undefined;
}

export interface NextAttestations {
  readonly at: Date;
  /** Trusted now; `until`: when the last of their verdicts ends by itself, or of what stands in for one (a hold, break-glass). */
  readonly trusted: Returns & { until: number | undefined };
  readonly untrusted: Returns;
  /** There are more active hosts than were looked at. */
  readonly isPart: boolean;
}

/** Appointments are spread by chance: of so many hosts, the last is about as late as of all. */
const mostHosts = 20_000;

/** Of which hosts; of all where nothing is named. */
export interface Concerned {
  /** Those that fall under it. */
  readonly policyId: string | undefined;
  /** Names: those of the stages that these have opened. */
  readonly rollouts: readonly string[] | undefined;
  /** Of these, only those that the last step of one reached. */
  readonly isLastStep: boolean;
  /** Those whose policy demands one of them. */
  readonly layers: readonly string[] | undefined;
}

export async function readNextAttestations(
  context: Pick<ServerContext, 'store' | 'trust' | 'now' | 'lockout' | 'breakGlass'>,
  { policyId, rollouts, isLastStep, layers }: Concerned,
): Promise<NextAttestations> {
  const at = context.now();
  const { policies, rollouts: known } = await context.trust.current();
  const reaching = rollouts && known.filter(({ name }) => rollouts.includes(name));
  const isReached = isLastStep ? wasReachedLast : hasReached;
  const trusted = { ...emptyReturns(), until: undefined as number | undefined };
  const untrusted = emptyReturns();
  let seen = 0;
  for await (const { host, verdict } of readHosts(context)) {
    if (host.state !== 'active') continue;
    if (seen === mostHosts) return { at, trusted, untrusted, isPart: true };
    seen += 1;
    const policy = selectPolicy(policies, host);
    if (policyId !== undefined && policy?.id !== policyId) continue;
    if (layers !== undefined && policy?.policy?.layers.some((layer) => layers.includes(layer)) !== true) continue;
    if (reaching?.some((rollout) => isReached(rollout, host)) === false) continue;
    const held = await viewVerdict(context, host, verdict, at);
    const isTrusted = held.status === 'affirming';
    count(isTrusted ? trusted : untrusted, host.dueAt, at.getTime());
    const { until } = held.hold ?? held.grant ?? {};
    if (isTrusted) trusted.until = later(trusted.until, until?.getTime() ?? verdict?.expiresAt);
  }
  return { at, trusted, untrusted, isPart: false };
}

function emptyReturns(): Returns {
  return { hosts: 0, overdue: 0, unasked: 0, dueBy: undefined };
}

function count(returns: Returns, dueAt: number | undefined, now: number): void {
  returns.hosts += 1;
  if (dueAt === undefined) returns.unasked += 1;
  else if (dueAt < now) returns.overdue += 1;
  else returns.dueBy = later(returns.dueBy, dueAt);
}

function later(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? (left ?? right) : Math.max(left, right);
}
