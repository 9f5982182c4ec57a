// A row before work that takes long and has few slots. Of those who wait each actor has its turn, however many requests it has there; and where
// the row is full, whoever has most in it makes room.
import { createCrowds } from './crowds.ts';
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
  const waiting = createCrowds<Enter>();

  function letIn(): void {
    while (waiting.size() > 0) {
      const free = slots.take();
      if (free === undefined) return;
      waiting.takeNext()?.(hold(free));
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
    const last = waiting.takeFor(actor, 'last');
    last?.(undefined);
    return last !== undefined;
  }

  return {
    wait: async ({ actor, signal }) => {
      if (signal.aborted) return undefined;
      const free = slots.take();
      if (free !== undefined) return hold(free);
      if (waiting.size() >= mostWaiting && !makeRoom(actor)) return undefined;
      return new Promise((resolve) => {
        const leave = waiting.join(actor, resolve);
        const giveUp = (): void => {
          leave();
          resolve(undefined);
        };
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
