// What revocation lists would end, asked before they are imported. Nothing is stored.
import type { Certificate, CertificateRevocationList } from '../../core/x509/index.ts';
import { viewVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import type { Steps } from '../fleet/progress.ts';
import { ownTurn } from '../own-turn.ts';
import { unlessDamaged } from '../storage/index.ts';
import type { HostView } from './hosts.ts';
import { certificatesOf, findNamed, judgeFleet } from './revocation-judging.ts';
import {
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
  const previews: (RevocationPreview | RefusedList)[] = [];
  for (const one of read) {
    previews.push('refused' in one ? one : await previewOf(context, one, revokedBy(one.list)));
  }
  return previews;
}

async function previewOf(
  context: ServerContext,
  { id, list, replaced }: ReadList,
  revoked: ReadonlySet<string>,
): Promise<RevocationPreview> {
  const hosts: RevokedHost[] = [];
  for (const hostId of revoked) {
    const found = await viewRevoked(context, hostId, list);
    if (found !== undefined) hosts.push(found);
  }
  return { id, list, replaced, added: await onlyIn(list, replaced), dropped: await onlyIn(replaced, list), hosts };
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
