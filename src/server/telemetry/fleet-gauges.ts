// How the fleet stands: hosts by state and by what is believed of them.
import type { TrustStatus } from '../../core/verdict/index.ts';
import type { HostState } from '../attestation/host-state.ts';
import { viewVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import { readHosts } from '../fleet/walk-fleet.ts';
import type { Family } from './exposition.ts';

/** Every host is asked about as admission would ask. */
export async function surveyHosts(
  context: Pick<ServerContext, 'store' | 'lockout' | 'breakGlass' | 'now'>,
): Promise<readonly Family[]> {
  const states = zeros<HostState>([
    'booting',
    'fresh',
    'stale',
    'lost',
    'quarantined',
    'released',
    'replacing',
    'retired',
  ]);
  const verdicts = zeros<TrustStatus>(['affirming', 'warning', 'contraindicated', 'none']);
  let held = 0;
  let granted = 0;
  for await (const { host, verdict } of readHosts(context)) {
    const view = await viewVerdict(context, host, verdict, context.now());
    states[view.state] += 1;
    if (host.state === 'active') verdicts[view.status] += 1;
    if (view.hold !== undefined) held += 1;
    if (view.grant !== undefined) granted += 1;
  }
  return [
    {
      name: 'touchstone_hosts',
      type: 'gauge',
      help: 'Hosts, by whether they are heard of (docs/glossary.md, host state).',
      samples: Object.entries(states).map(([state, value]) => ({ labels: { state }, value })),
    },
    {
      name: 'touchstone_verdicts',
      type: 'gauge',
      help: 'Active hosts, by the status that holds of them now; none where no verdict does.',
      samples: Object.entries(verdicts).map(([status, value]) => ({ labels: { status }, value })),
    },
    {
      name: 'touchstone_verdicts_held',
      type: 'gauge',
      help: 'Hosts whose last good status counts by lockout protection alone.',
      samples: [{ labels: {}, value: held }],
    },
    {
      name: 'touchstone_verdicts_break_glass',
      type: 'gauge',
      help: 'Hosts that are admitted by break-glass alone.',
      samples: [{ labels: {}, value: granted }],
    },
  ];
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
