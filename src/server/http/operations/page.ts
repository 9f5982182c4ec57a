// One page of a list that is read piece by piece.
import { ownTurn } from '../../own-turn.ts';

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

/** Rows that take time: what asks for them, and how they are read. */
export interface SlowPage<Row> {
  readonly after: string | undefined;
  readonly limit: number | undefined;
  /** So many rows are read at once, and in one turn of the event loop. */
  readonly piece?: number;
  readonly read: (page: { readonly after: string | undefined; readonly limit: number }) => Promise<readonly Row[]>;
  readonly idOf: (row: Row) => string;
  /** Of rows of which some are large: the page weighs no more than `most` in all, but has one row at least. */
  readonly weight?: { readonly most: number; readonly of: (row: Row) => number };
}

/** A page that is read in pieces: the greatest page, or one of the greatest rows, would keep everybody else waiting. */
export async function readInPieces<Row>(page: SlowPage<Row>): Promise<PageSlice<Row>> {
  const { limit = 100, piece: most = 25, read, idOf, weight: bound } = page;
  const items: Row[] = [];
  let weight = 0;
  let { after } = page;
  for (;;) {
    const asked = Math.min(most, limit + 1 - items.length);
    const piece = await read({ after, limit: asked });
    for (const row of piece) {
      weight += bound?.of(row) ?? 0;
      const isFull = items.length === limit || (items.length > 0 && weight > (bound?.most ?? Infinity));
      if (isFull) return { items, next: after };
      items.push(row);
      after = idOf(row);
    }
    if (piece.length < asked) return { items, next: undefined };
    // An embedded database answers in the same turn.
    await ownTurn();
  }
}
