// hosts: why one of them is refused.
import { explainHost, type ExplainedFinding } from '../../explanation/explain-host.ts';
import type { components } from '../../../api/index.ts';
import type { Handlers } from '../handler.ts';
import { timeOf, wireFinding } from '../wire.ts';

const namedHosts = 100;

export const explanationOperations: Pick<Handlers, 'explainHost'> = {
  explainHost: async ({ path }, context) => {
    const { held, findings } = await explainHost(context, path.hostId);
    return {
      status: 200,
      body: {
        host: held.hostId,
        status: held.status,
        reasons: held.reasons.map((reason) => ({ ...reason })),
        findings: findings.map(wireExplained),
      },
    };
  },
};

function wireExplained(explained: ExplainedFinding): components['schemas']['ExplainedFinding'] {
  const { finding, since, isSinceKnown, others } = explained;
  const hosts = others.slice(0, namedHosts);
  return { finding: wireFinding(finding), since: timeOf(since), isSinceKnown, others: others.length, hosts };
}
