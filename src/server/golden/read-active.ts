// Golden measurements that are stored as active, for who needs something of each and keeps none: each may be a megabyte.
import { ownTurn } from '../own-turn.ts';
import type { GoldenRecord, Store } from '../storage/index.ts';

/** In the order of their ids, one read at a time and in a turn of its own; also those that too few have signed, or whose time is over. */
export async function* readActiveGoldens(
  store: Pick<Store, 'listGoldenHeads' | 'findGolden'>,
): AsyncGenerator<GoldenRecord> {
  for (const { id } of await store.listGoldenHeads('active')) {
    await ownTurn();
    const record = await store.findGolden(id);
    // It may have ended meanwhile.
    if (record?.state === 'active') yield record;
  }
}
