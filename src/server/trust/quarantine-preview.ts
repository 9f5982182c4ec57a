// Whom a quarantine would set aside, asked before anybody is. Nothing is changed.
import { holdVerdict } from '../attestation/host-verdict.ts';
import type { ServerContext } from '../context.ts';
import { createPause } from '../fleet/walk-fleet.ts';
import { selectsHost, type HostSelector } from '../storage/index.ts';
import type { HostView } from './hosts.ts';

const pageSize = 100;

/** Active hosts that the selector selects now, with what is said of them now, in the order of their ids. Other requests are served
 * meanwhile. */
export async function previewQuarantine(
  { store, now }: ServerContext,
  hosts: HostSelector,
): Promise<readonly HostView[]> {
  const selected: HostView[] = [];
  const pause = createPause();
  for (let after: string | undefined; ;) {
    const page = await store.listHosts({ after, limit: pageSize });
    for (const { host, verdict } of page) {
      if (host.state !== 'active' || !selectsHost(hosts, host)) continue;
      selected.push({ host, held: holdVerdict(host, verdict, now()) });
    }
    after = page.at(-1)?.host.hostId;
    if (page.length < pageSize) return selected;
    await pause();
  }
}
