// Lists that the server gives in pages. A server that says again, at once or in turns, that a list goes on where it went on before would
// be asked for ever, and so would one that names a new place each time; and what such pages hold is no whole list.
import { ApiUnreachable } from './problem.ts';

export interface PageQuery<Place = string> {
  readonly limit: number;
  readonly after?: Place;
}

interface Page<Item, Place> {
  readonly items: readonly Item[];
  readonly next?: Place | undefined;
}

/** Every item, in the server's order.
 * @throws ApiUnreachable API_PAGES_ENDLESS */
export async function readAllPages<Item, Place extends string | number = string>(
  fetchPage: (query: PageQuery<Place>) => Promise<Page<Item, Place>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of readPages(fetchPage)) items.push(...page);
  return items;
}

/** The items of one page after the other, for who keeps less than all of them.
 * @throws ApiUnreachable API_PAGES_ENDLESS */
export async function* readPages<Item, Place extends string | number = string>(
  fetchPage: (query: PageQuery<Place>) => Promise<Page<Item, Place>>,
): AsyncGenerator<readonly Item[]> {
  const onward = createOnward<Place>();
  let after: Place | undefined;
  do {
    const { items, next } = await fetchPage({ limit: 1000, ...(after === undefined ? {} : { after }) });
    yield items;
    after = onward(next);
  } while (after !== undefined);
}

/** A page has a thousand hosts, or some megabytes of what is large: no list of things that are there has so many. */
const mostPages = 10_000;
/** Of the audit log, which grows for years, and of whose pages many are empty where few entries are asked for. */
export const mostPagesOfLog = 1_000_000;

export interface OnwardOptions<Place> {
  /** Where the first page began. */
  readonly from?: Place | undefined;
  readonly most?: number;
  /** What is thrown, of a list that is none of our API. */
  readonly failure?: (problem: string) => Error;
}

/** For who reads pages in a way of its own: gives back the `next` of each page.
 * @throws ApiUnreachable API_PAGES_ENDLESS for one that was followed already, or one too many */
export function createOnward<Place extends string | number>({
  from,
  most = mostPages,
  failure = endless,
}: OnwardOptions<Place> = {}): (next: Place | undefined) => Place | undefined {
  const followed = new Set([from]);
  return (next) => {
    if (next === undefined) return undefined;
    if (followed.has(next)) throw failure(goesBack(next));
    if (followed.size >= most) throw failure(`the list goes on behind ${most} pages`);
    followed.add(next);
    return next;
  };
}

/** The cursor of the next question about events: it stays where nothing happened yet, and never goes back.
 * @throws ApiUnreachable API_PAGES_ENDLESS */
export function nextCursor(after: number | undefined, page: { readonly next: number; readonly end: boolean }): number {
  const { next, end } = page;
  if (after !== undefined && (next < after || (next === after && !end))) throw endless(goesBack(next));
  return next;
}

function goesBack(place: string | number): string {
  return `the list goes on at ${place}, where it went on before`;
}

function endless(problem: string): ApiUnreachable {
  return new ApiUnreachable('API_PAGES_ENDLESS', problem);
}
