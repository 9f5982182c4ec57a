// A list of the server in full. Of a large fleet that takes a while: stderr says how far it is.
import { readPages, type PageQuery } from '../../api/index.ts';
import type { CommonOptions, Session } from '../session.ts';
import { withStatusLine } from '../status-line.ts';

interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly next?: string | undefined;
}

/** Every item, in the server's order. `what` they are, in the plural.
 * @throws ApiUnreachable API_PAGES_ENDLESS, and what `fetchPage` throws */
export async function readWholeList<Item>(
  session: Session,
  options: CommonOptions,
  what: string,
  fetchPage: (query: PageQuery) => Promise<ListPage<Item>>,
): Promise<readonly Item[]> {
  return withStatusLine(session, options, async ({ nowAndThen }) => {
    const items: Item[] = [];
    const fetchTold = async (query: PageQuery): Promise<ListPage<Item>> => {
      const page = await fetchPage(query);
      const read = items.length + page.items.length;
      if (page.next !== undefined) nowAndThen(() => `${read} ${what} read so far`);
      return page;
    };
    for await (const page of readPages(fetchTold)) items.push(...page);
    return items;
  });
}
