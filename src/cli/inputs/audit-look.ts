// Entries of the audit log, the newest first, read until there are as many as are wanted.
import { createOnward, mostPagesOfLog, type ApiClient, type CallOptions, type JsonAnswerOf } from '../../api/index.ts';

type Page = JsonAnswerOf<'listAudit'>;
export type AuditQuery = Omit<NonNullable<CallOptions<'listAudit'>['query']>, 'limit' | 'order' | 'after'>;

export interface FoundEntries {
  readonly items: Page['items'];
  readonly actorNames: Readonly<Record<string, string>>;
  /** `before` of who wants more; absent where the log has no more. */
  readonly next: number | undefined;
}

const pageSize = 1000;

/** A page may be without entries although there are more behind it. */
export async function collectEntries(client: ApiClient, query: AuditQuery, limit: number): Promise<FoundEntries> {
  const items: Page['items'] = [];
  const actorNames: Record<string, string> = {};
  const onward = createOnward({ from: query.before, most: mostPagesOfLog });
  let next = query.before;
  do {
    const wanted = Math.min(pageSize, limit - items.length);
    const place = next === undefined ? {} : { before: next };
    const page: Page = await client.call('listAudit', {
      query: { ...query, ...place, order: 'newest', limit: wanted },
    });
    items.push(...page.items);
    Object.assign(actorNames, page.actorNames);
    next = onward(page.next);
  } while (next !== undefined && items.length < limit);
  return { items, actorNames, next };
}
