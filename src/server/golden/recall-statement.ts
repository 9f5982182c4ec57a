// What golden measurements expected that were ended: large, there for ever, and gone through again and again.
import { parseGoldenStatement, readGoldenStatementAhead, type GoldenStatement } from '../../core/golden/index.ts';
import type { ServerMemory } from '../memory.ts';
import { ownTurn } from '../own-turn.ts';
import type { Store } from '../storage/index.ts';

export interface EndedStatements {
  readonly store: Pick<Store, 'findGolden'>;
  readonly memory: Pick<ServerMemory, 'ended'>;
}

/** By the id of the golden measurement, which is that of its bytes. What is read anew is read in a turn of its own; undefined where it is
 * not stored.
 * @throws MalformedError as `parseGoldenStatement` */
export async function recallStatement(
  { store, memory }: EndedStatements,
  id: string,
): Promise<GoldenStatement | undefined> {
  const known = memory.ended.get(id);
  if (known !== undefined) return known;
  await ownTurn();
  const payload = (await store.findGolden(id))?.payload;
  // Whoever asked for it at the same time may have read it meanwhile.
  const readMeanwhile = memory.ended.get(id);
  if (readMeanwhile !== undefined || payload === undefined) return readMeanwhile;
  await readGoldenStatementAhead(payload, ownTurn);
  const statement = parseGoldenStatement(payload);
  memory.ended.set(id, statement, payload.length);
  return statement;
}
