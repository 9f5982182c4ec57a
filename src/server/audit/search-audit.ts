// Who did what: entries of the audit log as somebody asks for them, page by page.
import type { AuditFilter, AuditRecord, AuditSearch, Store } from '../storage/index.ts';

export interface AuditQuestion {
  readonly order: AuditSearch['order'];
  /** Only entries behind this one, and before this one. */
  readonly after: number | undefined;
  readonly before: number | undefined;
  readonly filter: AuditFilter;
}

export interface AuditPage {
  readonly entries: readonly AuditRecord[];
  /** The last entry that was looked at, where there are more to look at. */
  readonly next: number | undefined;
}

/** How many entries one page looks at, so that a filter that selects nothing does not read the whole log at once: some milliseconds. */
export const looked = 10_000;

/** At most `limit` entries. A page with fewer, or none, may not be the last: `next` says so. */
export async function searchAudit(
  store: Pick<Store, 'searchAudit' | 'lastAuditSequence'>,
  { order, filter, ...asked }: AuditQuestion,
  limit: number,
): Promise<AuditPage> {
  const end = (await store.lastAuditSequence()) + 1;
  const whole = { after: asked.after ?? 0, before: Math.min(asked.before ?? end, end) };
  const stretch = filter.subject === undefined ? stretchOf(whole, order) : whole;
  const { entries: found, isCut } = await store.searchAudit({ ...stretch, order, filter }, limit + 1);
  const entries = found.slice(0, limit);
  if (isCut || found.length > limit) return { entries, next: entries.at(-1)?.sequence };
  const isAll = stretch.after === whole.after && stretch.before === whole.before;
  const last = order === 'newest' ? stretch.after + 1 : stretch.before - 1;
  return { entries, next: isAll ? undefined : last };
}

/** Where a page begins and ends that is not told what its entries are about. The ends are left out. */
function stretchOf({ after, before }: Stretch, order: AuditSearch['order']): Stretch {
  return order === 'newest'
    ? { after: Math.max(after, before - looked - 1), before }
    : { after, before: Math.min(before, after + looked + 1) };
}

type Stretch = Pick<AuditSearch, 'after' | 'before'>;
