// Revocation lists of the authorities that vouch for TPMs: taken from operators, or fetched from where an operator said. What a
// certificate names as its list is never fetched: evidence does not choose where the server connects to. [STANDARDS §10, 34]
import { encodeHex, encodePem, encodeUtf8 } from '../../core/encoding/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { judgeEndorsement } from '../../core/endorsement/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  parseCertificate,
  parseCertificateBundle,
  parseCrl,
  revocationOf,
  verifyRevocationList,
  type Certificate,
  type CertificateRevocationList,
} from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { visitMemory } from '../memory.ts';
import { ServerError } from '../errors.ts';
import { readHosts } from '../fleet/walk-fleet.ts';
import {
  unlessDamaged,
  type HostRecord,
  type JudgedEndorsement,
  type RevocationJudgement,
  type RevocationListRecord,
} from '../storage/index.ts';
import { allowedUrl } from './fetch-allowed.ts';

export interface RevocationListRequest {
  /** DER or PEM. */
  readonly list: Uint8Array;
  /** Certificate of the issuer, or several of which one is. */
  readonly issuerPem: string;
  readonly url: string | undefined;
}

export interface RevocationListView {
  readonly record: RevocationListRecord;
  readonly list: CertificateRevocationList;
}

/** How often hosts that enrolled meanwhile are looked at before their endorsements end unseen. */
const maximumRounds = 5;

/** Stores a list, and ends at once what rests on the certificates it revokes. Returns how many hosts that were.
 * @throws ServerError REVOCATION_LIST_OLDER, REVOCATION_URL_REFUSED; AttestationError X509_CRL_*, X509_* */
export async function importRevocationList(
  context: ServerContext,
  request: RevocationListRequest,
  actor: string,
): Promise<RevocationListView & { readonly hosts: number }> {
  if (request.url !== undefined) checkFetchUrl(request.url, context.config.revocation.fetchHosts);
  const list = parseCrl(request.list);
  const issuer = findIssuer(list, parseCertificateBundle(encodeUtf8(request.issuerPem)));
  const at = context.now().getTime();
  const record: RevocationListRecord = {
    id: hashHex('sha256', issuer.spki),
    issuer: issuer.der,
    list: list.der,
    thisUpdate: list.thisUpdate.getTime(),
    url: request.url,
    storedAt: at,
  };
  const details = { issuer: list.issuer, thisUpdate: list.thisUpdate.toISOString(), entries: list.revoked.size };
  const audit = { at, actor, action: 'revocation-list.imported', subject: record.id, details };
  const judging = list.revoked.size === 0 ? undefined : await judgeFleet(context, list);
  for (let round = 1; ; round += 1) {
    const judgement = judging && { ...judging, endUnjudged: round >= maximumRounds };
    const outcome = await context.store.saveRevocationList(record, { judgement, audit });
    if (outcome === 'older') throw new ServerError('REVOCATION_LIST_OLDER');
    if ('hosts' in outcome) return { record, list, ...outcome };
    await judging?.judgeAgain(outcome.unjudged);
  }
}

export async function listRevocationLists({ store }: ServerContext): Promise<readonly RevocationListView[]> {
  return (await store.listRevocationLists()).map((record) => ({ record, list: parseCrl(record.list) }));
}

/** @throws ServerError REVOCATION_URL_REFUSED */
export function checkFetchUrl(text: string, fetchHosts: readonly string[]): URL {
  const url = allowedUrl(text, fetchHosts);
  if (url === undefined) throw new ServerError('REVOCATION_URL_REFUSED');
  return url;
}

/** The certificate among `candidates` whose key made the list. */
function findIssuer(list: CertificateRevocationList, candidates: readonly Certificate[]): Certificate {
  const [last, ...others] = candidates.toReversed();
  for (const candidate of others.toReversed()) {
    try {
      verifyRevocationList(list, candidate);
      return candidate;
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
    }
  }
  if (last === undefined) throw new TypeError('a bundle holds a certificate');
  verifyRevocationList(list, last);
  return last;
}

interface Judging extends Pick<RevocationJudgement, 'judged' | 'revoked'> {
  readonly judgeAgain: (hosts: readonly string[]) => Promise<void>;
}

/** Which hosts their makers vouch for through a certificate that the list revokes. */
async function judgeFleet(context: ServerContext, list: CertificateRevocationList): Promise<Judging> {
  const judged = new Map<string, JudgedEndorsement>();
  const revoked = new Set<string>();
  const memory = visitMemory(context.memory).certificates;
  const note = async (host: HostRecord): Promise<void> => {
    const { hostId, state, epoch, enrolledAt, endorser } = host;
    if (state !== 'active' || endorser === undefined) return;
    judged.set(hostId, { epoch, enrolledAt, endorser: endorser.id });
    revoked.delete(hostId);
    if (endorser.id === encodeHex(host.ekDigest) || !isNamed(host, list)) return;
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
  for await (const { host } of readHosts(context)) await note(host);
  return { judged, revoked, judgeAgain };
}

function isNamed({ ekCertificate, ekChain, deviceIdentity }: HostRecord, list: CertificateRevocationList): boolean {
  const ofEk = ekCertificate === undefined ? [] : [ekCertificate, ...ekChain];
  const ofIak = deviceIdentity === undefined ? [] : [deviceIdentity.certificate, ...deviceIdentity.chain];
  return [...ofEk, ...ofIak]
    .map(parseCertificate)
    .some((certificate) => certificate.issuerKey === list.issuerKey && revocationOf(list, certificate) !== undefined);
}

/** The issuer as it was imported, to import the next list of it with. */
export function issuerPemOf({ issuer }: RevocationListRecord): string {
  return encodePem('CERTIFICATE', issuer);
}
