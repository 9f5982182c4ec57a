// hosts: why one of them is refused.
import { isoTime } from '../../../core/encoding/index.ts';
import { explainHost, type ExplainedFinding, type Explanation } from '../../explanation/explain-host.ts';
import type { Foreseen } from '../../explanation/foresee-host.ts';
import type { NearestGolden } from '../../explanation/nearest-golden.ts';
import type { components } from '../../../api/index.ts';
import type { Handlers } from '../handler.ts';
import { wireStanding } from '../wire/golden.ts';
import { wireGround } from '../wire/ground.ts';
import { present } from '../wire/present.ts';
import { wireFinding } from '../wire/verdict.ts';
import { namedHosts } from './named-hosts.ts';

type Wire = components['schemas']['ExplainedFinding'];
type WireExplanation = components['schemas']['Explanation'];

export const explanationOperations: Pick<Handlers, 'explainHost'> = {
  explainHost: async ({ path }, context) => {
    const { held, findings, next, trustedBefore } = await explainHost(context, path.hostId);
    return {
      status: 200,
      body: {
        host: held.hostId,
        status: held.status,
        reasons: held.reasons.map((reason) => ({ ...reason })),
        ...wireGround(held),
        ...present('policy', held.verdict?.policy),
        ...present('trustedBefore', trustedBefore && wireBefore(trustedBefore)),
        ...present('next', next && wireNext(next)),
        findings: findings.map(wireExplained),
      },
    };
  },
};

function wireBefore({ issuedAt, policy }: NonNullable<Explanation['trustedBefore']>): WireExplanation['trustedBefore'] {
  return { issuedAt: isoTime(issuedAt), ...present('policy', policy) };
}

function wireNext({ status, reason, dueAt }: Foreseen): WireExplanation['next'] {
  return {
    status,
    ...present('reason', reason && wireFinding(reason)),
    ...present('dueAt', dueAt === undefined ? undefined : isoTime(dueAt)),
  };
}

function wireExplained(explained: ExplainedFinding): Wire {
  const { finding, since, isSinceKnown, others, nearest } = explained;
  return {
    finding: wireFinding(finding),
    since: isoTime(since),
    isSinceKnown,
    others: others.length,
    hosts: others.slice(0, namedHosts),
    ...present('nearest', nearest && wireNearest(nearest)),
  };
}

function wireNearest({ standing, isExact, explanation }: NearestGolden): Wire['nearest'] {
  return { golden: wireStanding(standing), isExact, ...present('explanation', explanation?.slice(0, 4096)) };
}
