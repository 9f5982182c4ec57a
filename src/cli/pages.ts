// Lists that the server gives in pages, read to their end.

export interface PageQuery {
  readonly limit: number;
  readonly after?: string;
}

/** Every item, in the server's order. */
export async function readAllPages<Item>(
  fetchPage: (query: PageQuery) => Promise<{ readonly items: readonly Item[]; readonly next?: string | undefined }>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await fetchPage({ limit: 1000, ...(after === undefined ? {} : { after }) });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}
