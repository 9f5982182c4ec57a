// Whom a quarantine would set aside, or its end would bring back, asked before it is done. Nothing is changed.
import { viewVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import type { Steps } from '../fleet/progress.ts';
import { walkActiveHosts } from '../fleet/walk-fleet.ts';
import { selectsHost, type HostSelector } from '../storage/index.ts';
import type { HostView } from './hosts.ts';

export interface QuarantineQuestion {
  readonly hosts: HostSelector;
  /** Ids of quarantines that are taken to be lifted: what is said of the hosts is what would be said then. */
  readonly lifted: readonly string[];
}

/** Active hosts that can be read and that the selector selects now, with what is said of them now, in the order of their ids. Those
 * that cannot be read are denied already. Other requests are served meanwhile. Says how far it is. */
export async function* previewQuarantine(
  context: ServerContext,
  { hosts, lifted }: QuarantineQuestion,
): Steps<readonly HostView[]> {
  const selected: HostView[] = [];
  yield* walkActiveHosts(context, async ({ host, verdict }) => {
    if (!selectsHost(hosts, host)) return;
    const then = { ...host, quarantines: host.quarantines.filter(({ id }) => !lifted.includes(id)) };
    selected.push({ host: then, held: await viewVerdict(context, then, verdict, context.now()) });
  });
  return selected;
}
