// What revocation lists would end, asked before they are imported. Nothing is stored.
import { bytesEqual } from '../../core/encoding/index.ts';
import { standingOf } from '../../core/endorsement/index.ts';
import type { Certificate, CertificateRevocationList } from '../../core/x509/index.ts';
import { viewVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import type { Steps } from '../fleet/progress.ts';
import { walkActiveHosts } from '../fleet/walk-fleet.ts';
import { visitMemory } from '../memory.ts';
import { ownTurn } from '../own-turn.ts';
import { unlessDamaged } from '../storage/index.ts';
import type { HostView } from './hosts.ts';
import { certificatesOf, findNamed, judgeFleet } from './revocation-judging.ts';
import {
  isStale,
  listsIn,
  readLists,
  type PerList,
  type ReadList,
  type RefusedList,
  type RevocationListRequest,
} from './revocation-lists.ts';

export interface RevocationPreview {
  readonly id: string;
  readonly list: CertificateRevocationList;
  /** The list of the same issuer that it would take the place of. */
  readonly replaced: CertificateRevocationList | undefined;
  /** Serial numbers that only the new list revokes, and those that only the stored one does. */
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  /** How many would be denied because it is stale, by their next attestation. */
  readonly denied: number;
  /** Those whose endorsement would end, with what is said of them now, in the order of their ids. */
  readonly hosts: readonly RevokedHost[];
}

export interface RevokedHost extends HostView {
  readonly certificate: Certificate;
}

/** Says how far it is. A list is refused where its import would be; a host is named with the first list that ends its endorsement. */
export async function* previewRevocationLists(
  context: ServerContext,
  requests: readonly RevocationListRequest[],
): Steps<PerList<RevocationPreview>> {
  const read = await readLists(context, requests);
  const { revokedBy } = yield* judgeFleet(context, listsIn(read));
  const denied = yield* countDenied(context, read);
  const previews: (RevocationPreview | RefusedList)[] = [];
  for (const one of read) {
    previews.push(
      'refused' in one
        ? one
        : await previewOf(context, one, { revoked: revokedBy(one.list), denied: denied.get(one) ?? 0 }),
    );
  }
  return previews;
}

async function previewOf(
  context: ServerContext,
  { id, list, replaced }: ReadList,
  { revoked, denied }: { readonly revoked: ReadonlySet<string>; readonly denied: number },
): Promise<RevocationPreview> {
  const hosts: RevokedHost[] = [];
  for (const hostId of revoked) {
    const found = await viewRevoked(context, hostId, list);
    if (found !== undefined) hosts.push(found);
  }
  return {
    id,
    list,
    replaced,
    denied,
    added: await onlyIn(list, replaced),
    dropped: await onlyIn(replaced, list),
    hosts,
  };
}

/** How many hosts each of the lists that are stale would have denied, where its issuer has it alone. Each is looked at by itself: who imports
 * a list that is stale beside others wants to know it of that one. */
async function* countDenied(context: ServerContext, read: PerList<ReadList>): Steps<ReadonlyMap<ReadList, number>> {
  const at = context.now();
  const stale = read.filter((one): one is ReadList => !('refused' in one) && isStale(one.list, at));
  const counts = new Map(stale.map((one) => [one, 0]));
  if (stale.length === 0) return counts;
  const { certificates: memory } = visitMemory(context.memory);
  const question = { rules: context.config.enrolment, at, memory };
  yield* walkActiveHosts(context, async ({ host }) => {
    const trust = await context.trust.current();
    const standingUnder = (revocationLists: readonly CertificateRevocationList[]) =>
      standingOf(host, { ...trust, revocationLists }, question).endorsement;
    const issuers = new Set(certificatesOf(host).map(({ issuerKey }) => issuerKey));
    const about = stale.filter(({ list }) => issuers.has(list.issuerKey));
    if (about.length === 0 || standingUnder(trust.revocationLists) === 'unchecked') return;
    for (const one of about) {
      const others = trust.revocationLists.filter(
        ({ der }) => one.replaced === undefined || !bytesEqual(der, one.replaced.der),
      );
      if (standingUnder([...others, one.list]) === 'unchecked') counts.set(one, (counts.get(one) ?? 0) + 1);
    }
  });
  return counts;
}

/** Undefined where the host was released meanwhile. */
async function viewRevoked(
  context: ServerContext,
  hostId: string,
  list: CertificateRevocationList,
): Promise<RevokedHost | undefined> {
  const standing = await unlessDamaged(async () => context.store.findStanding(hostId));
  const certificate = standing && findNamed(certificatesOf(standing.host), list);
  if (standing === undefined || certificate === undefined) return undefined;
  const { host, verdict } = standing;
  return { host, held: await viewVerdict(context, host, verdict, context.now()), certificate };
}

/** To look for so many takes some milliseconds: a list may have some hundred thousand. */
const serialsInTurn = 20_000;

async function onlyIn(
  list: CertificateRevocationList | undefined,
  other: CertificateRevocationList | undefined,
): Promise<readonly string[]> {
  const only: string[] = [];
  let count = 0;
  for (const serial of list?.revoked.keys() ?? []) {
    count += 1;
    if (count % serialsInTurn === 0) await ownTurn();
    if (other?.revoked.has(serial) !== true) only.push(serial);
  }
  return only;
}
