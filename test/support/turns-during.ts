// Whether long work lets others have their turns of the event loop.
import { setImmediate } from 'node:timers/promises';

/** How often others had a turn while `work` went on. */
export async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let [turns, isOver] = [0, false];
  const others = (async () => {
    while (!isOver) {
      turns += 1;
      await setImmediate();
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
  }
  await others;
  return turns;
}
