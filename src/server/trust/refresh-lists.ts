// Fetches revocation lists again from where an operator said, before they go stale. A list that cannot be had, or is none, changes
// nothing but the log: the old one holds until it is stale.
import { AttestationError } from '../../core/error.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { RevocationListRecord } from '../storage/index.ts';
import { fetchAllowed } from './fetch-allowed.ts';
import { inTurn, startRepeating, type Repeating } from '../repeat.ts';
import { checkFetchUrl, issuerPemOf, renewRevocationList } from './revocation-lists.ts';

const bounds = { maximumSize: 16 * 1024 * 1024, failure: 'REVOCATION_FETCH_FAILED' } as const;

/** Fetches each list that has an address, one after the other. */
async function refreshRevocationLists(context: ServerContext): Promise<void> {
  for (const record of await context.store.listRevocationLists()) {
    if (record.url === undefined) continue;
    try {
      await refresh(context, record, record.url);
    } catch (error) {
      const code = error instanceof AttestationError || error instanceof ServerError ? error.code : undefined;
      const message = 'a revocation list was not renewed; the one before holds until it is stale';
      context.log.warn({ event: 'revocation-list.not-renewed', url: record.url, code, err: error }, message);
    }
  }
}

/** Refreshes now and then until stopped. Never, where no host is allowed. */
export function startRefreshing(context: ServerContext): Repeating {
  const { fetchHosts, refreshSeconds } = context.config.revocation;
  return startRepeating(() => inTurn(context, 'revocation-lists', refreshSeconds, refreshRevocationLists), {
    seconds: fetchHosts.length === 0 ? undefined : refreshSeconds,
    log: context.log,
    failure: 'revocation lists cannot be refreshed',
  });
}

async function refresh(context: ServerContext, record: RevocationListRecord, address: string): Promise<void> {
  const bytes = await fetchAllowed(checkFetchUrl(address, context.config.revocation.fetchHosts), bounds);
  const list = await context.trust.readList(bytes);
  if (list.thisUpdate.getTime() <= record.thisUpdate) return;
  const request = { list: list.der, issuerPem: issuerPemOf(record), url: address };
  await renewRevocationList(context, request, 'revocation list refresher');
}
