// Which hosts revocation lists end: the same walk for an import, and for who asks before one; one for all lists of it.
import { encodeHex } from '../../core/encoding/index.ts';
import { judgeEndorsement } from '../../core/endorsement/index.ts';
import {
  parseCertificate,
  revocationOf,
  type Certificate,
  type CertificateRevocationList,
} from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import type { Steps } from '../fleet/progress.ts';
import { walkActiveHosts } from '../fleet/walk-fleet.ts';
import { visitMemory } from '../memory.ts';
import { unlessDamaged, type HostRecord, type JudgedEndorsement, type RevocationJudgement } from '../storage/index.ts';

export interface Judging extends Pick<RevocationJudgement, 'judged'> {
  /** Whose endorsement this one of the lists ends: in the order of their ids, until some are judged again. */
  readonly revokedBy: (list: CertificateRevocationList) => ReadonlySet<string>;
  readonly judgeAgain: (hosts: readonly string[]) => Promise<void>;
}

/** Which hosts their makers vouch for through a certificate that one of the lists revokes. Each is held against them in their order, as
 * if those before were stored: it falls to the first that ends its endorsement. Says how far it is. */
export async function* judgeFleet(context: ServerContext, given: readonly CertificateRevocationList[]): Steps<Judging> {
  const lists = given.filter(({ revoked }) => revoked.size > 0);
  const judged = new Map<string, JudgedEndorsement>();
  const revoked = new Map(lists.map((list) => [list, new Set<string>()]));
  const memory = visitMemory(context.memory).certificates;
  const note = async (host: HostRecord): Promise<void> => {
    const { hostId, state, epoch, enrolledAt, endorser } = host;
    if (state !== 'active' || endorser === undefined) return;
    judged.set(hostId, { epoch, enrolledAt, endorser: endorser.id });
    for (const hosts of revoked.values()) hosts.delete(hostId);
    if (endorser.id === encodeHex(host.ekDigest)) return;
    const certificates = certificatesOf(host);
    for (const [index, list] of lists.entries()) {
      if (findNamed(certificates, list) === undefined) continue;
      const trust = await context.trust.current();
      const roots = { ...trust, revocationLists: [...trust.revocationLists, ...lists.slice(0, index + 1)] };
      const question = { rules: context.config.enrolment, at: context.now(), memory };
      if (judgeEndorsement(host, roots, question).endorsement !== 'revoked') continue;
      revoked.get(list)?.add(hostId);
      return;
    }
  };
  const judgeAgain = async (hosts: readonly string[]): Promise<void> => {
    for (const hostId of hosts) {
      const host = await unlessDamaged(async () => context.store.findHost(hostId));
      if (host !== undefined) await note(host);
    }
  };
  if (lists.length > 0) yield* walkActiveHosts(context, ({ host }) => note(host));
  return { judged, revokedBy: (list) => revoked.get(list) ?? new Set(), judgeAgain };
}

/** What the host sent when it enrolled: its own, and those above them. */
export function certificatesOf({ ekCertificate, ekChain, deviceIdentity }: HostRecord): readonly Certificate[] {
  const ofEk = ekCertificate === undefined ? [] : [ekCertificate, ...ekChain];
  const ofIak = deviceIdentity === undefined ? [] : [deviceIdentity.certificate, ...deviceIdentity.chain];
  return [...ofEk, ...ofIak].map(parseCertificate);
}

/** The first of them that the list revokes. */
export function findNamed(
  certificates: readonly Certificate[],
  list: CertificateRevocationList,
): Certificate | undefined {
  return certificates.find(
    (certificate) => certificate.issuerKey === list.issuerKey && revocationOf(list, certificate) !== undefined,
  );
}
