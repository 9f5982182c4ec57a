// Authorities between TPMs and trust anchors that hosts need not send. One enters the pool only where its own path leads to a trust
// anchor, so nothing in it can do more than what an anchor allows already.
import { encodeUtf8 } from '../../core/encoding/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  completeChain,
  parseCertificate,
  parseCertificateBundle,
  verifyCertificatePath,
  type Certificate,
} from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { IntermediateRecord, IntermediateSourceRecord, MissingIntermediateRecord } from '../storage/index.ts';

export interface IntermediateView {
  readonly record: IntermediateRecord;
  readonly certificate: Certificate;
}

export interface IntermediatesView {
  readonly items: readonly IntermediateView[];
  readonly sources: readonly IntermediateSourceRecord[];
  /** Those that nobody has by now. */
  readonly missing: readonly MissingIntermediateRecord[];
}

/** Stores the authorities of a bundle: all of them, or none. Returns those that are new.
 * @throws ServerError INTERMEDIATE_UNSUITABLE, INTERMEDIATES_FULL; MalformedError X509_* */
export async function importIntermediates(
  context: ServerContext,
  pem: string,
  actor: string,
): Promise<readonly IntermediateView[]> {
  const bundle = parseCertificateBundle(encodeUtf8(pem));
  for (const certificate of bundle) {
    const failure = await findUnsuitable(context, certificate, bundle);
    if (failure !== undefined) throw new ServerError('INTERMEDIATE_UNSUITABLE', failure);
  }
  return storeIntermediates(context, bundle, { url: undefined, actor });
}

/** Why `certificate` cannot help a path along; undefined when it can. `others` may stand between it and its anchor. */
export async function findUnsuitable(
  { trust, now }: Pick<ServerContext, 'trust' | 'now'>,
  certificate: Certificate,
  others: readonly Certificate[],
): Promise<string | undefined> {
  const { subject, subjectKey, issuerKey, basicConstraints } = certificate;
  if (basicConstraints?.ca !== true) return `${subject} is not the certificate of an authority`;
  if (subjectKey === issuerKey) return `${subject} is a root: roots are trust anchors`;
  const { anchors, intermediates, revocationLists } = await trust.current();
  try {
    verifyCertificatePath({
      leaf: certificate,
      intermediates: completeChain(certificate, [], [...others, ...intermediates]),
      anchors,
      crls: revocationLists,
      at: now(),
      profile: 'any',
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return `${subject}: ${error.code}, ${error.message}`;
  }
}

/** @throws ServerError INTERMEDIATES_FULL */
export async function storeIntermediates(
  { config, store, now }: Pick<ServerContext, 'config' | 'store' | 'now'>,
  certificates: readonly Certificate[],
  { url, actor }: { readonly url: string | undefined; readonly actor: string },
): Promise<readonly IntermediateView[]> {
  const at = now().getTime();
  const byId = new Map(certificates.map((certificate) => [hashHex('sha256', certificate.der), certificate]));
  const records = [...byId].map(([id, { der, notAfter }]) => {
    return { id, certificate: der, notAfter: notAfter.getTime(), url, storedAt: at };
  });
  const added = await store.addIntermediates(records, {
    maximum: config.intermediates.maximum,
    audit: { at, actor, action: 'intermediate.added', subject: '', details: { url: url ?? null } },
  });
  if (added === 'full') throw new ServerError('INTERMEDIATES_FULL');
  return added.map(viewOf);
}

export async function listIntermediates({ store, trust }: ServerContext): Promise<IntermediatesView> {
  const { anchors } = await trust.current();
  const items = (await store.listIntermediates()).map(viewOf);
  const known = [...items, ...anchors].map(({ certificate }) => certificate);
  const missing = (await store.listMissingIntermediates()).filter(
    ({ name, keyIdHex }) =>
      !known.some(
        ({ subject, subjectKeyIdHex }) => subject === name && (keyIdHex === undefined || subjectKeyIdHex === keyIdHex),
      ),
  );
  return { items, sources: await store.listIntermediateSources(), missing };
}

/** Hosts that enrolled with it keep it beside their own certificates.
 * @throws ServerError INTERMEDIATE_NOT_FOUND */
export async function removeIntermediate({ store, now }: ServerContext, id: string, actor: string): Promise<void> {
  const draft = { at: now().getTime(), actor, action: 'intermediate.removed', subject: id, details: {} };
  if (!(await store.removeIntermediate(id, draft))) throw new ServerError('INTERMEDIATE_NOT_FOUND');
}

function viewOf(record: IntermediateRecord): IntermediateView {
  return { record, certificate: parseCertificate(record.certificate) };
}
