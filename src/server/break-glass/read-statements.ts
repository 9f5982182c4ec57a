// Break-glass statements, in force and past, for who looks at all of them and keeps few: each may name a thousand hosts.
import { ownTurn } from '../own-turn.ts';
import type { BreakGlassRecord, Store } from '../storage/index.ts';

/** The greatest number that is looked at. */
const mostStatements = 1000;

/** The newest first, one read at a time and in a turn of its own. */
export async function* readBreakGlass(
  store: Pick<Store, 'listBreakGlassIds' | 'findBreakGlass'>,
): AsyncGenerator<BreakGlassRecord> {
  for (const id of await store.listBreakGlassIds(mostStatements)) {
    await ownTurn();
    const record = await store.findBreakGlass(id);
    if (record !== undefined) yield record;
  }
}
