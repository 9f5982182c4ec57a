// One page of a list that is read piece by piece.
export interface PageSlice<Row> {
  readonly items: readonly Row[];
  /** Where the next page begins; absent on the last. */
  readonly next: string | undefined;
}

/** Cuts rows, of which one more was read than asked for, to a page. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number | undefined,
  idOf: (row: Row) => string,
): PageSlice<Row> {
  const items = rows.slice(0, limit ?? 100);
  const last = items.at(-1);
  return { items, next: rows.length > items.length && last !== undefined ? idOf(last) : undefined };
}
