// Whom a quarantine would set aside, asked before anybody is. Nothing is changed.
import { viewVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import { readHosts } from '../fleet/walk-fleet.ts';
import { selectsHost, type HostSelector } from '../storage/index.ts';
import type { HostView } from './hosts.ts';

/** Active hosts that can be read and that the selector selects now, with what is said of them now, in the order of their ids. Those
 * that cannot be read are denied already. Other requests are served meanwhile. */
export async function previewQuarantine(context: ServerContext, hosts: HostSelector): Promise<readonly HostView[]> {
  const selected: HostView[] = [];
  for await (const { host, verdict } of readHosts(context)) {
    if (host.state !== 'active' || !selectsHost(hosts, host)) continue;
    selected.push({ host, held: await viewVerdict(context, host, verdict, context.now()) });
  }
  return selected;
}
