// Lists that the server gives in pages, read to their end.

export interface PageQuery<Place = string> {
  readonly limit: number;
  readonly after?: Place;
}

/** Every item, in the server's order. */
export async function readAllPages<Item, Place = string>(
  fetchPage: (
    query: PageQuery<Place>,
  ) => Promise<{ readonly items: readonly Item[]; readonly next?: Place | undefined }>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let after: Place | undefined;
  do {
    const page = await fetchPage({ limit: 1000, ...(after === undefined ? {} : { after }) });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}
