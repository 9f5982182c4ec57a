// A list of IMA may have a hundred thousand entries, and takes a second to go through. An appraisal is of one moment and in one go, so
// what of it is reading and hashing is done before, in pieces, while others have their turns; and for one list after the other, since what
// is read of one takes many times its bytes.
import { beginningOf, nameOfLog, type AppraisalPolicy, type Evidence, type Trust } from '../../core/appraisal/index.ts';
import { readImaAhead, type ImaReading } from '../../core/ima/index.ts';
import type { ServerMemory } from '../memory.ts';
import { openTurns } from '../one-by-one.ts';
import { ownTurn } from '../own-turn.ts';

/** Of a list, or of what was added to one that is remembered: less takes some ten milliseconds. */
const longBytes = 262_144;

export function isLongIma(imaLog: Uint8Array | undefined): imaLog is Uint8Array {
  return imaLog !== undefined && imaLog.length >= longBytes;
}

const lists = openTurns();

interface Terms {
  readonly policy: AppraisalPolicy | undefined;
  readonly goldens: Trust['goldens'];
}

/** Where an appraisal under these terms would go through a long list. */
export async function readLongIma(
  { runtimes }: Pick<ServerMemory, 'runtimes'>,
  { imaLog, pcrs }: Pick<Evidence, 'imaLog' | 'pcrs'>,
  { policy, goldens }: Terms,
): Promise<void> {
  if (!isLongIma(imaLog) || policy?.layers.includes('runtime') !== true) return;
  const checkpoint = [imaLog, beginningOf(imaLog)]
    .map((log) => log && runtimes.get(nameOfLog(log)))
    .find((known) => known?.policy === policy && known.goldens === goldens)?.outcome.proven.checkpoint;
  await readInPieces(imaLog, { pcrs, checkpoint });
}

/** What parsing and verifying the list then says soon: where it is long. */
export async function readInPieces(imaLog: Uint8Array, { pcrs, checkpoint }: ImaReading): Promise<void> {
  if (imaLog.length - (checkpoint?.offset ?? 0) < longBytes) return;
  await lists.take(() => readImaAhead(imaLog, { pcrs, checkpoint }, ownTurn));
}
