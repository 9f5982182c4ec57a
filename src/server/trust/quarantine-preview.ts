// Whom a quarantine would set aside, or its end would bring back, asked before it is done. Nothing is changed.
import { viewVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import type { Steps } from '../fleet/progress.ts';
import { walkActiveHosts } from '../fleet/walk-fleet.ts';
import { isTrusted } from '../lockout/last-good.ts';
import { selectsHost, type HostSelector } from '../storage/index.ts';
import type { HostView } from './hosts.ts';

export interface QuarantineQuestion {
  readonly hosts: HostSelector;
  /** Ids of quarantines that are taken to be lifted: what is said of the hosts is what would be said then. */
  readonly lifted: readonly string[];
}

export interface QuarantinePreview {
  readonly selected: number;
  /** Of them, trusted now. */
  readonly trusted: number;
  /** The first of them, in the order of their ids, with what is said of them now. */
  readonly shown: readonly HostView[];
}

/** Active hosts that can be read and that the selector selects now. Those that cannot be read are denied already. Other requests are served
 * meanwhile. Says how far it is.
 * @param mostShown the others are counted, and not held in memory */
export async function* previewQuarantine(
  context: ServerContext,
  { hosts, lifted }: QuarantineQuestion,
  mostShown: number,
): Steps<QuarantinePreview> {
  const shown: HostView[] = [];
  let [selected, trusted] = [0, 0];
  yield* walkActiveHosts(context, async ({ host, verdict }) => {
    if (!selectsHost(hosts, host)) return;
    const then = { ...host, quarantines: host.quarantines.filter(({ id }) => !lifted.includes(id)) };
    const held = await viewVerdict(context, then, verdict, context.now());
    selected += 1;
    if (isTrusted(held.status)) trusted += 1;
    if (shown.length < mostShown) shown.push({ host: then, held });
  });
  return { selected, trusted, shown };
}
