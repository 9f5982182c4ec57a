// Fetches revocation lists again from where an operator said, before they go stale. A list that cannot be had, or is none, changes
// nothing but the log: the old one holds until it is stale.
import { AttestationError } from '../../core/error.ts';
import { parseCrl } from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { RevocationListRecord } from '../storage/index.ts';
import { checkFetchUrl, importRevocationList, issuerPemOf } from './revocation-lists.ts';

const maximumSize = 16 * 1024 * 1024;
const timeoutMs = 10_000;

/** Fetches each list that has an address, one after the other. Returns how many newer ones were stored. */
async function refreshRevocationLists(context: ServerContext): Promise<number> {
  let renewed = 0;
  for (const record of await context.store.listRevocationLists()) {
    if (record.url === undefined) continue;
    try {
      if (await refresh(context, record, record.url)) renewed += 1;
    } catch (error) {
      const code = error instanceof AttestationError || error instanceof ServerError ? error.code : undefined;
      const message = 'a revocation list was not renewed; the one before holds until it is stale';
      context.log.warn({ event: 'revocation-list.not-renewed', url: record.url, code, err: error }, message);
    }
  }
  return renewed;
}

/** Refreshes now and then until stopped; never twice at once. */
export function startRefreshing(context: ServerContext): { stop(): Promise<void> } {
  const { fetchHosts, refreshSeconds } = context.config.revocation;
  if (fetchHosts.length === 0) return { stop: () => Promise.resolve() };
  let running: Promise<void> | undefined;
  const run = (): void => {
    running ??= refreshRevocationLists(context)
      .then(() => undefined)
      .catch((error: unknown) => context.log.error({ err: error }, 'revocation lists cannot be refreshed'))
      .finally(() => (running = undefined));
  };
  const timer = setInterval(run, refreshSeconds * 1000);
  timer.unref();
  run();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

async function refresh(context: ServerContext, record: RevocationListRecord, address: string): Promise<boolean> {
  const bytes = await fetchBytes(checkFetchUrl(address, context.config.revocation.fetchHosts));
  const list = parseCrl(bytes);
  if (list.thisUpdate.getTime() <= record.thisUpdate) return false;
  const request = { list: list.der, issuerPem: issuerPemOf(record), url: address };
  await importRevocationList(context, request, 'revocation list refresher');
  return true;
}

/** The body of a good answer. Redirects are not followed: they would lead where nobody allowed. */
async function fetchBytes(url: URL): Promise<Uint8Array> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok || response.body === null)
    throw new ServerError('REVOCATION_FETCH_FAILED', `status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maximumSize) throw new ServerError('REVOCATION_FETCH_FAILED', `more than ${maximumSize} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
