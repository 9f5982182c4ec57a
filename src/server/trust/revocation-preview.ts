// What a revocation list would end, asked before it is imported. Nothing is stored.
import type { Certificate, CertificateRevocationList } from '../../core/x509/index.ts';
import { parseCrl } from '../../core/x509/index.ts';
import { viewVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Steps } from '../fleet/progress.ts';
import { unlessDamaged } from '../storage/index.ts';
import type { HostView } from './hosts.ts';
import { findNamed, judgeFleet } from './revocation-judging.ts';
import { readListRequest, type RevocationListRequest } from './revocation-lists.ts';

export interface RevocationPreview {
  readonly id: string;
  readonly list: CertificateRevocationList;
  /** The stored list of the same issuer. */
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

/** Says how far it is.
 * @throws as `importRevocationList` */
export async function* previewRevocationList(
  context: ServerContext,
  request: RevocationListRequest,
): Steps<RevocationPreview> {
  const { id, list } = readListRequest(context, request);
  const stored = (await context.store.listRevocationLists()).find((record) => record.id === id);
  if (stored !== undefined && stored.thisUpdate > list.thisUpdate.getTime())
    throw new ServerError('REVOCATION_LIST_OLDER');
  const replaced = stored && parseCrl(stored.list);
  const revoked = list.revoked.size === 0 ? new Set<string>() : (yield* judgeFleet(context, list)).revoked;
  const hosts: RevokedHost[] = [];
  for (const hostId of [...revoked].sort()) {
    const found = await viewRevoked(context, hostId, list);
    if (found !== undefined) hosts.push(found);
  }
  return { id, list, replaced, added: onlyIn(list, replaced), dropped: onlyIn(replaced, list), hosts };
}

/** Undefined where the host was released meanwhile. */
async function viewRevoked(
  context: ServerContext,
  hostId: string,
  list: CertificateRevocationList,
): Promise<RevokedHost | undefined> {
  const standing = await unlessDamaged(async () => context.store.findStanding(hostId));
  const certificate = standing && findNamed(standing.host, list);
  if (standing === undefined || certificate === undefined) return undefined;
  const { host, verdict } = standing;
  return { host, held: await viewVerdict(context, host, verdict, context.now()), certificate };
}

function onlyIn(
  list: CertificateRevocationList | undefined,
  other: CertificateRevocationList | undefined,
): readonly string[] {
  return [...(list?.revoked.keys() ?? [])].filter((serial) => other?.revoked.has(serial) !== true);
}
