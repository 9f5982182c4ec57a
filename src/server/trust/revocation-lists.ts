// Revocation lists of the authorities that vouch for TPMs: taken from operators, or fetched from where an operator said. What a
// certificate names as its list is never fetched: evidence does not choose where the server connects to. [STANDARDS §10, 34]
import { encodePem, encodeUtf8 } from '../../core/encoding/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  parseCertificateBundle,
  parseCrl,
  verifyRevocationList,
  type Certificate,
  type CertificateRevocationList,
} from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { resultOf } from '../fleet/progress.ts';
import type { RevocationListRecord } from '../storage/index.ts';
import { allowedUrl } from './fetch-allowed.ts';
import { judgeFleet } from './revocation-judging.ts';

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
  const { id, list, issuer } = readListRequest(context, request);
  const at = context.now().getTime();
  const record: RevocationListRecord = {
    id,
    issuer: issuer.der,
    list: list.der,
    thisUpdate: list.thisUpdate.getTime(),
    url: request.url,
    storedAt: at,
  };
  const details = { issuer: list.issuer, thisUpdate: list.thisUpdate.toISOString(), entries: list.revoked.size };
  const audit = { at, actor, action: 'revocation-list.imported', subject: record.id, details };
  const judging = list.revoked.size === 0 ? undefined : await resultOf(judgeFleet(context, list));
  for (let round = 1; ; round += 1) {
    const judgement = judging && { ...judging, endUnjudged: round >= maximumRounds };
    const outcome = await context.store.saveRevocationList(record, { judgement, audit });
    if (outcome === 'older') throw new ServerError('REVOCATION_LIST_OLDER');
    if ('hosts' in outcome) return { record, list, ...outcome };
    await judging?.judgeAgain(outcome.unjudged);
  }
}

interface ReadList {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  readonly id: string;
  readonly list: CertificateRevocationList;
  readonly issuer: Certificate;
}

/** @throws ServerError REVOCATION_URL_REFUSED; AttestationError X509_CRL_*, X509_* */
export function readListRequest(
  { config }: Pick<ServerContext, 'config'>,
  { list: bytes, issuerPem, url }: RevocationListRequest,
): ReadList {
  if (url !== undefined) checkFetchUrl(url, config.revocation.fetchHosts);
  const list = parseCrl(bytes);
  const issuer = findIssuer(list, parseCertificateBundle(encodeUtf8(issuerPem)));
  return { id: hashHex('sha256', issuer.spki), list, issuer };
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

/** The issuer as it was imported, to import the next list of it with. */
export function issuerPemOf({ issuer }: RevocationListRecord): string {
  return encodePem('CERTIFICATE', issuer);
}
