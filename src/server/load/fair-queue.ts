// A row before work that takes long and has few slots. Of those who wait each actor has its turn, however many requests it has there; and where
// the row is full, whoever has most in it makes room.
import type { Slots } from './slots.ts';

export interface FairQueue {
  /** What gives the slot back; undefined where there is no room in the row, or nobody waits for it any more. */
  wait(asker: Asker): Promise<(() => void) | undefined>;
}

export interface Asker {
  readonly actor: string;
  /** Of the moment when the caller is gone. */
  readonly signal: AbortSignal;
}

type Enter = (release: (() => void) | undefined) => void;

export function createFairQueue(slots: Pick<Slots, 'take'>, mostWaiting: number): FairQueue {
  /** By actor, in the order in which they have their turns; none is empty. */
  const rows = new Map<string, Set<Enter>>();
  let count = 0;

  function remove(actor: string, enter: Enter): void {
    const row = rows.get(actor);
    if (row?.delete(enter) !== true) return;
    count -= 1;
    if (row.size === 0) rows.delete(actor);
  }

  function letIn(): void {
    for (const [actor, row] of rows) {
      const [enter] = row;
      const free = slots.take();
      if (free === undefined || enter === undefined) return;
      remove(actor, enter);
      // Behind all others.
      if (rows.delete(actor)) rows.set(actor, row);
      enter(hold(free));
    }
  }

  function hold(free: () => void): () => void {
    return () => {
      free();
      letIn();
    };
  }

  /** False: nobody has more in the row than `actor` would have. */
  function makeRoom(actor: string): boolean {
    const [longest] = [...rows].sort(([, one], [, other]) => other.size - one.size);
    if (longest === undefined) return false;
    const [other, row] = longest;
    const last = [...row].at(-1);
    if (last === undefined || row.size <= (rows.get(actor)?.size ?? 0) + 1) return false;
    remove(other, last);
    last(undefined);
    return true;
  }

  return {
    wait: async ({ actor, signal }) => {
      if (signal.aborted) return undefined;
      const free = slots.take();
      if (free !== undefined) return hold(free);
      if (count >= mostWaiting && !makeRoom(actor)) return undefined;
      return new Promise((resolve) => {
        const row = rows.get(actor) ?? new Set();
        rows.set(actor, row.add(resolve));
        count += 1;
        const leave = (): void => {
          remove(actor, resolve);
          resolve(undefined);
        };
        signal.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
