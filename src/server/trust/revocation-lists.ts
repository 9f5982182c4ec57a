// Revocation lists of the authorities that vouch for TPMs: taken from operators, or fetched from where an operator said. What a
// certificate names as its list is never fetched: evidence does not choose where the server connects to. [docs/threat-model.md, 34]
import { bytesEqual, concatBytes, encodePem, encodeUtf8, isoTime, printable } from '../../core/encoding/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  extensionOids,
  parseCertificateBundle,
  verifyRevocationList,
  type Certificate,
  type CertificateRevocationList,
} from '../../core/x509/index.ts';
import type { EndorsementRoots } from '../../core/endorsement/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { resultOf, type Steps } from '../fleet/progress.ts';
import type { RevocationListRecord } from '../storage/index.ts';
import type { Passage } from '../what-if/protection.ts';
import { allowedUrl } from './fetch-allowed.ts';
import { judgeFleet, type Judging } from './revocation-judging.ts';

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

export interface ImportedList extends RevocationListView {
  /** How many lost their endorsement by it. */
  readonly hosts: number;
}

/** Which list is meant, and why it goes. */
export interface ListRemoval {
  readonly id: string;
  readonly thisUpdate: Date;
  readonly reason: string;
}

export interface RefusedList {
  readonly refused: AttestationError | ServerError;
}

/** Of several lists each is taken or refused by itself. */
export type PerList<Answer> = readonly (Answer | RefusedList)[];

interface Importer {
  readonly actor: string;
  /** The server has fetched them: each takes the place of the one that was fetched from there before, if that is still in force. */
  readonly renews?: boolean;
}

/** How often hosts that enrolled meanwhile are looked at before their endorsements end unseen. */
const maximumRounds = 5;

/** Stores the lists, and ends at once what rests on the certificates they revoke. One walk over the fleet is for all of them. Says how
 * far it is. */
export async function* importRevocationLists(
  context: ServerContext,
  requests: readonly RevocationListRequest[],
  { actor, renews = false }: Importer,
): Steps<PerList<ImportedList>> {
  const read = await readLists(context, requests);
  const answers: (ImportedList | RefusedList)[] = [];
  let judging = yield* judgeFleet(context, listsIn(read));
  for (const [index, one] of read.entries()) {
    const answer = 'refused' in one ? one : await saveList(context, one, { judging, actor, renews });
    answers.push(answer);
    // A newer one came meanwhile. The others were judged beside this one, which does not count after all.
    if (answer !== one && 'refused' in answer) judging = yield* judgeFleet(context, listsIn(read.slice(index + 1)));
  }
  return answers;
}

/** The next of a list that the server fetches, while it does.
 * @throws ServerError REVOCATION_LIST_OLDER, REVOCATION_LIST_NOT_FOUND, REVOCATION_URL_REFUSED; AttestationError X509_CRL_*, X509_* */
export async function renewRevocationList(
  context: ServerContext,
  request: RevocationListRequest,
  actor: string,
): Promise<void> {
  throwRefusedAlone(await resultOf(importRevocationLists(context, [request], { actor, renews: true })));
}

/** One alone that is refused is refused as it is.
 * @throws the refusal */
export function throwRefusedAlone<Answer extends object>(answers: PerList<Answer>): PerList<Answer> {
  const [only] = answers;
  if (answers.length === 1 && only !== undefined && 'refused' in only) throw only.refused;
  return answers;
}

interface Saving extends Required<Importer> {
  readonly judging: Judging;
}

async function saveList(
  context: ServerContext,
  { id, list, issuer, url }: ReadList,
  { judging, actor, renews }: Saving,
): Promise<ImportedList | RefusedList> {
  const at = context.now().getTime();
  const thisUpdate = list.thisUpdate.getTime();
  const record: RevocationListRecord = { id, issuer: issuer.der, list: list.der, thisUpdate, url, storedAt: at };
  const details = { issuer: list.issuer, thisUpdate: list.thisUpdate.toISOString(), entries: list.revoked.size };
  const audit = { at, actor, action: 'revocation-list.imported', subject: record.id, details };
  for (let round = 1; ; round += 1) {
    const judgement =
      list.revoked.size === 0
        ? undefined
        : { judged: judging.judged, revoked: judging.revokedBy(list), endUnjudged: round >= maximumRounds };
    const outcome = await context.store.saveRevocationList(record, { judgement, renews, audit });
    if (outcome === 'gone') return { refused: new ServerError('REVOCATION_LIST_NOT_FOUND') };
    if (outcome === 'older') return { refused: new ServerError('REVOCATION_LIST_OLDER') };
    if ('hosts' in outcome) return { record, list, ...outcome };
    await judging.judgeAgain(outcome.unjudged);
  }
}

/** The list that is to be removed, if it is the one that is meant.
 * @throws ServerError REVOCATION_LIST_NOT_FOUND, REVOCATION_LIST_OTHER */
export async function findRemovable(
  { store }: Pick<ServerContext, 'store'>,
  { id, thisUpdate }: ListRemoval,
): Promise<RevocationListRecord> {
  const record = (await store.listRevocationLists()).find((list) => list.id === id);
  if (record === undefined) throw new ServerError('REVOCATION_LIST_NOT_FOUND', `no revocation list ${id}`);
  if (record.thisUpdate !== thisUpdate.getTime()) throw anotherList(record);
  return record;
}

/** Ends a list and the fetching of it: what it revokes is believed again by the next attestation, as if its issuer had never made one.
 * @throws ServerError as `findRemovable` */
export async function removeRevocationList(
  context: ServerContext,
  removal: ListRemoval,
  { actor, passage }: { readonly actor: string; readonly passage: Passage },
): Promise<RevocationListView> {
  const record = await findRemovable(context, removal);
  const list = await (await readStored(context))(record);
  const { id } = record;
  const reason = printable(removal.reason, 1024);
  const told = { issuer: list.issuer, thisUpdate: list.thisUpdate.toISOString(), entries: list.revoked.size };
  const details = { ...told, reason, ...passage.details };
  const audit = { at: context.now().getTime(), actor, action: 'revocation-list.removed', subject: id, details };
  const outcome = await context.store.removeRevocationList(record, { revision: passage.revision, audit });
  if (outcome === 'other') throw anotherList(record);
  return { record, list };
}

function anotherList({ thisUpdate }: RevocationListRecord): ServerError {
  const detail = `the list of this issuer is not that of ${isoTime(thisUpdate)}; nothing was changed`;
  return new ServerError('REVOCATION_LIST_OTHER', detail);
}

export interface ReadList {
  readonly id: string;
  readonly list: CertificateRevocationList;
  readonly issuer: Certificate;
  readonly url: string | undefined;
  /** The one before it, that it takes the place of. */
  readonly replaced: CertificateRevocationList | undefined;
}

/** What can be refused of them before the fleet is looked at. */
export async function readLists(
  { config, store, trust }: Pick<ServerContext, 'config' | 'store' | 'trust'>,
  requests: readonly RevocationListRequest[],
): Promise<PerList<ReadList>> {
  const readOnce = await readStored({ trust });
  const stored = await store.listRevocationLists();
  const newest = new Map<string, CertificateRevocationList>();
  const newestOf = async (id: string): Promise<CertificateRevocationList | undefined> => {
    const record = stored.find((one) => one.id === id);
    return newest.get(id) ?? (record && (await readOnce(record)));
  };
  const read = async ({ list: bytes, issuerPem, url }: RevocationListRequest): Promise<ReadList> => {
    if (url !== undefined) checkFetchUrl(url, config.revocation.fetchHosts);
    const list = await trust.readList(bytes);
    const issuer = findIssuer(list, parseCertificateBundle(encodeUtf8(issuerPem)));
    refuseBarred(list, issuer, await trust.current());
    const id = idOf(list, issuer);
    const replaced = await newestOf(id);
    if (replaced !== undefined && replaced.thisUpdate > list.thisUpdate) throw new ServerError('REVOCATION_LIST_OLDER');
    newest.set(id, list);
    return { id, list, issuer, url, replaced };
  };
  const lists: (ReadList | RefusedList)[] = [];
  for (const request of requests) {
    try {
      lists.push(await read(request));
    } catch (error) {
      if (!(error instanceof AttestationError || error instanceof ServerError)) throw error;
      lists.push({ refused: error });
    }
  }
  return lists;
}

/** That of the issuer's key; and where the issuer splits its list, one for each part: a part is silent about what another revokes.
 * [RFC5280 §5.2.5] */
function idOf({ extensions }: CertificateRevocationList, { spki }: Certificate): string {
  const part = extensions.find(({ oid }) => oid === extensionOids.issuingDistributionPoint)?.value;
  return hashHex('sha256', part === undefined ? spki : concatBytes(spki, part));
}

export function listsIn(read: PerList<ReadList>): readonly CertificateRevocationList[] {
  return read.flatMap((one) => ('refused' in one ? [] : [one.list]));
}

export async function listRevocationLists(context: Pick<ServerContext, 'store' | 'trust'>) {
  const read = await readStored(context);
  const views: RevocationListView[] = [];
  for (const record of await context.store.listRevocationLists()) views.push({ record, list: await read(record) });
  return views;
}

/** Reads a stored list, unless trust has read it already: one of some hundred thousand entries takes seconds, and holds everybody. */
async function readStored({ trust }: Pick<ServerContext, 'trust'>) {
  const { revocationLists } = await trust.current();
  return async ({ list }: RevocationListRecord): Promise<CertificateRevocationList> =>
    revocationLists.find(({ der }) => bytesEqual(der, list)) ?? (await trust.readList(list));
}

/** @throws ServerError REVOCATION_URL_REFUSED */
export function checkFetchUrl(text: string, fetchHosts: readonly string[]): URL {
  const url = allowedUrl(text, fetchHosts);
  if (url === undefined) throw new ServerError('REVOCATION_URL_REFUSED');
  return url;
}

/** It no longer says that what it does not name is good. */
export function isStale({ nextUpdate }: CertificateRevocationList, at: Date): boolean {
  return nextUpdate === undefined || nextUpdate < at;
}

/** The paths of TPMs go through the certificates that the server holds: where none of them may sign lists, the list would have all TPMs of the
 * issuer denied, whichever certificate was named with it. Those that hosts sent are not looked at.
 * @throws VerificationError X509_CRL_SIGNATURE_INVALID */
function refuseBarred(
  list: CertificateRevocationList,
  issuer: Certificate,
  { anchors, platformAnchors, intermediates }: EndorsementRoots,
): void {
  const authorities = [...[...anchors, ...platformAnchors].map(({ certificate }) => certificate), ...intermediates];
  const held = authorities.filter((one) => one.subjectKey === issuer.subjectKey && bytesEqual(one.spki, issuer.spki));
  const mayNone = held.every(({ keyUsage }) => keyUsage !== undefined && !keyUsage.has('cRLSign'));
  if (held.length > 0 && mayNone) findIssuer(list, held);
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
