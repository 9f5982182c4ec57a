// Which hosts a revocation list ends: the same walk for an import, and for who asks before one.
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

export interface Judging extends Pick<RevocationJudgement, 'judged' | 'revoked'> {
  readonly judgeAgain: (hosts: readonly string[]) => Promise<void>;
}

/** Which hosts their makers vouch for through a certificate that the list revokes. Says how far it is. */
export async function* judgeFleet(context: ServerContext, list: CertificateRevocationList): Steps<Judging> {
  const judged = new Map<string, JudgedEndorsement>();
  const revoked = new Set<string>();
  const memory = visitMemory(context.memory).certificates;
  const note = async (host: HostRecord): Promise<void> => {
    const { hostId, state, epoch, enrolledAt, endorser } = host;
    if (state !== 'active' || endorser === undefined) return;
    judged.set(hostId, { epoch, enrolledAt, endorser: endorser.id });
    revoked.delete(hostId);
    if (endorser.id === encodeHex(host.ekDigest) || findNamed(host, list) === undefined) return;
    const trust = await context.trust.current();
    const roots = { ...trust, revocationLists: [...trust.revocationLists, list] };
    const question = { rules: context.config.enrolment, at: context.now(), memory };
    if (judgeEndorsement(host, roots, question).endorsement === 'revoked') revoked.add(hostId);
  };
  const judgeAgain = async (hosts: readonly string[]): Promise<void> => {
    for (const hostId of hosts) {
      const host = await unlessDamaged(async () => context.store.findHost(hostId));
      if (host !== undefined) await note(host);
    }
  };
  yield* walkActiveHosts(context, ({ host }) => note(host));
  return { judged, revoked, judgeAgain };
}

/** The first certificate that the host sent, of its own or above them, that the list revokes. */
export function findNamed(
  { ekCertificate, ekChain, deviceIdentity }: HostRecord,
  list: CertificateRevocationList,
): Certificate | undefined {
  const ofEk = ekCertificate === undefined ? [] : [ekCertificate, ...ekChain];
  const ofIak = deviceIdentity === undefined ? [] : [deviceIdentity.certificate, ...deviceIdentity.chain];
  return [...ofEk, ...ofIak]
    .map(parseCertificate)
    .find((certificate) => certificate.issuerKey === list.issuerKey && revocationOf(list, certificate) !== undefined);
}
