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

/** Rows of which some are large, read in pieces: at most `limit`, and no more than `heaviest` in all, but one at least. */
export interface HeavyPage<Row> {
  readonly after: string | undefined;
  readonly limit: number | undefined;
  readonly heaviest: number;
  /** So many rows are read at once, and in one turn of the event loop. */
  readonly piece?: number;
  readonly read: (page: { readonly after: string | undefined; readonly limit: number }) => Promise<readonly Row[]>;
  readonly idOf: (row: Row) => string;
  readonly weightOf: (row: Row) => number;
}

/** A page that ends where its rows weigh enough: the greatest page of the greatest rows would keep everybody else waiting. */
export async function readHeavyPage<Row>(page: HeavyPage<Row>): Promise<PageSlice<Row>> {
  const { limit = 100, heaviest, piece: most = 25, read, idOf, weightOf } = page;
  const items: Row[] = [];
  let weight = 0;
  let { after } = page;
  for (;;) {
    const asked = Math.min(most, limit + 1 - items.length);
    const piece = await read({ after, limit: asked });
    for (const row of piece) {
      weight += weightOf(row);
      if (items.length === limit || (items.length > 0 && weight > heaviest)) return { items, next: after };
      items.push(row);
      after = idOf(row);
    }
    if (piece.length < asked) return { items, next: undefined };
    // An embedded database answers in the same turn.
    await ownTurn();
  }
}
