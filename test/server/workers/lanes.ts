// Clients that ask again and again, each in a lane of its own, and whom nothing stops but an answer that is wrong.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiUnreachable } from '../../../src/api/index.ts';

export interface Lanes {
  readonly count: number;
  /** Until each was answered three times more. Fails with the lane that fails. */
  readonly goOn: () => Promise<void>;
  /** How many have sent a request that nobody answered. */
  readonly noticed: () => number;
  readonly end: () => Promise<void>;
}

/** Each of `works` once, one after the other, so that their connections come to the workers in turn; then all at once, without end. */
export async function startLanes(works: readonly (() => Promise<void>)[]): Promise<Lanes> {
  const lanes = works.map((work) => ({ work, answered: 0, unheard: 0 }));
  let isOver = false;
  for (const { work } of lanes) await work();
  const ended = Promise.all(
    lanes.map(async (lane) => {
      while (!isOver) {
        try {
          await lane.work();
          lane.answered += 1;
        } catch (error) {
          assert.ok(error instanceof ApiUnreachable, String(error));
          lane.unheard += 1;
          await sleep(250);
        }
      }
    }),
  );
  const allGoOn = async (): Promise<void> => {
    const then = lanes.map(({ answered }) => answered);
    await until(() => Promise.resolve(lanes.every(({ answered }, index) => answered > then[index]! + 2)));
  };
  return {
    count: lanes.length,
    goOn: async () => {
      await Promise.race([ended, allGoOn()]);
    },
    noticed: () => lanes.filter(({ unheard }) => unheard > 0).length,
    end: async () => {
      isOver = true;
      await ended;
    },
  };
}

/** Looks every 50 ms, forty seconds long; a look that fails says no. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo().catch(() => false)); tries += 1) {
    assert.ok(tries < 800, 'it never came to that');
    await sleep(50);
  }
}
