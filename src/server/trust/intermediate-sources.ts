// Where operators allow intermediates to be fetched from: at once, again now and then, and when hosts miss one that a source is for.
// Evidence brings about no more than that a source is asked again; which address that is, an operator said. [docs/threat-model.md, 34]
import { encodeHex } from '../../core/encoding/index.ts';
import { hashText } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import { parseCertificateBundle, type Certificate } from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { IntermediateSourceRecord, MissingIntermediateRecord } from '../storage/index.ts';
import { allowedUrl, fetchAllowed } from './fetch-allowed.ts';
import { findUnsuitable, listIntermediates, storeIntermediates, type IntermediateView } from './intermediates.ts';
import { inTurn, startRepeating, type Repeating } from '../repeat.ts';

export interface SourceRequest {
  readonly url: string;
  readonly keyIdHex: string | undefined;
  readonly name: string | undefined;
}

export interface AskedSource {
  readonly source: IntermediateSourceRecord;
  /** What is new by it. */
  readonly items: readonly IntermediateView[];
}

const bounds = { maximumSize: 1024 * 1024, failure: 'INTERMEDIATE_FETCH_FAILED' } as const;
const maximumSources = 256;
const lookSeconds = 60;

/** Allows an address, and asks it. That it failed is in the answer; it is asked again later.
 * @throws ServerError INTERMEDIATE_URL_REFUSED, INTERMEDIATES_FULL */
export async function allowSource(context: ServerContext, request: SourceRequest, actor: string): Promise<AskedSource> {
  const { config, store, now } = context;
  const { url, keyIdHex, name } = request;
  if (allowedUrl(url, config.intermediates.fetchHosts) === undefined) throw new ServerError('INTERMEDIATE_URL_REFUSED');
  const at = now().getTime();
  const id = encodeHex(hashText('sha256', url));
  const source = { id, url, keyIdHex, name, createdAt: at, askedAt: undefined, failure: undefined };
  const details = { url, keyId: keyIdHex ?? null, name: name ?? null };
  const outcome = await store.saveIntermediateSource(source, {
    maximum: maximumSources,
    audit: { at, actor, action: 'intermediate-source.allowed', subject: id, details },
  });
  if (outcome === 'full')
    throw new ServerError('INTERMEDIATES_FULL', `${maximumSources} addresses are allowed already`);
  return ask(context, source, actor);
}

/** @throws ServerError INTERMEDIATE_NOT_FOUND */
export async function forgetSource({ store, now }: ServerContext, id: string, actor: string): Promise<void> {
  const draft = { at: now().getTime(), actor, action: 'intermediate-source.forgotten', subject: id, details: {} };
  if (!(await store.removeIntermediateSource(id, draft))) throw new ServerError('INTERMEDIATE_NOT_FOUND');
}

/** Asks the sources that are due, now and then until stopped. Never, where no host is allowed. */
export function startAsking(context: ServerContext): Repeating {
  const { fetchHosts } = context.config.intermediates;
  return startRepeating(() => inTurn(context, 'intermediates', lookSeconds, askDue), {
    seconds: fetchHosts.length === 0 ? undefined : lookSeconds,
    log: context.log,
    failure: 'intermediates cannot be fetched',
  });
}

async function askDue(context: ServerContext): Promise<void> {
  const { sources, missing } = await listIntermediates(context);
  const at = context.now().getTime();
  for (const source of sources) {
    if (!isDue(source, { missing, at, refreshMs: context.config.intermediates.refreshSeconds * 1000 })) continue;
    const { url, failure: code } = (await ask(context, source, 'intermediate fetcher')).source;
    if (code !== undefined) context.log.warn({ event: 'intermediate.not-fetched', url, code }, 'a source gave nothing');
  }
}

/** Its time has come, or hosts came to miss what it is for since it was asked. */
export function isDue(
  { askedAt, keyIdHex, name }: IntermediateSourceRecord,
  { missing, at, refreshMs }: { missing: readonly MissingIntermediateRecord[]; at: number; refreshMs: number },
): boolean {
  if (askedAt === undefined || at - askedAt >= refreshMs) return true;
  return missing.some(
    (one) => one.lastAt > askedAt && ((keyIdHex !== undefined && one.keyIdHex === keyIdHex) || one.name === name),
  );
}

async function ask(context: ServerContext, source: IntermediateSourceRecord, actor: string): Promise<AskedSource> {
  let items: readonly IntermediateView[] = [];
  let failure: string | undefined;
  try {
    items = await storeIntermediates(context, await fetchSuitable(context, source), { url: source.url, actor });
  } catch (error) {
    if (!(error instanceof ServerError) && !(error instanceof AttestationError)) throw error;
    failure = error.code;
  }
  const askedAt = context.now().getTime();
  await context.store.noteIntermediateSource(source.id, askedAt, failure);
  return { source: { ...source, askedAt, failure }, items };
}

async function fetchSuitable(
  context: ServerContext,
  { url: address, keyIdHex, name }: IntermediateSourceRecord,
): Promise<readonly Certificate[]> {
  const url = allowedUrl(address, context.config.intermediates.fetchHosts);
  if (url === undefined) throw new ServerError('INTERMEDIATE_URL_REFUSED');
  const bundle = parseCertificateBundle(await fetchAllowed(url, bounds));
  const wanted = bundle.filter(
    ({ subject, subjectKeyIdHex }) =>
      (keyIdHex === undefined || subjectKeyIdHex === keyIdHex) && (name === undefined || subject === name),
  );
  const suitable: Certificate[] = [];
  for (const certificate of wanted) {
    if ((await findUnsuitable(context, certificate, bundle)) === undefined) suitable.push(certificate);
  }
  if (suitable.length === 0) throw new ServerError('INTERMEDIATE_UNSUITABLE');
  return suitable;
}
