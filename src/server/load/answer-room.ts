// How much of answers that were made and are not taken yet is kept in memory. Each is bounded by its operation; but whoever may ask can
// ask on as many connections as there are, read nothing, and let every answer wait.

export interface AnswerRoom {
  /** For one answer of so many bytes to `actor`. `cut` is called when there is no room for it any more: nothing of it may be kept then. */
  keep(answer: { readonly actor: string; readonly bytes: number; readonly cut: () => void }): AnswerShare;
}

export interface AnswerShare {
  /** So many bytes of it were taken: who reads is no longer among those that let it wait. */
  taken(bytes: number): void;
  /** All of it was taken, or nobody takes it; once, however often it is called. */
  leave(): void;
}

interface KeptAnswer {
  readonly actor: string;
  bytes: number;
  readonly cut: () => void;
}

/** Room for several of the largest. */
const usualBytes = 256 * 1024 * 1024;

/** Where more is kept than there is room for, something of the caller is cut for whom most is kept: what was longest not taken. */
export function createAnswerRoom(mostBytes: number = usualBytes): AnswerRoom {
  /** In the order in which something of them was last taken. */
  const kept = new Set<KeptAnswer>();
  let total = 0;
  const leave = (answer: KeptAnswer): void => {
    if (kept.delete(answer)) total -= answer.bytes;
  };
  return {
    keep: ({ actor, bytes, cut }) => {
      const answer: KeptAnswer = { actor, bytes, cut };
      kept.add(answer);
      total += bytes;
      // The only one has all the room that it needs.
      while (total > mostBytes && kept.size > 1) {
        const longest = longestOf(kept);
        leave(longest);
        longest.cut();
      }
      return {
        taken: (count) => {
          if (!kept.delete(answer)) return;
          kept.add(answer);
          answer.bytes -= count;
          total -= count;
        },
        leave: () => leave(answer),
      };
    },
  };
}

function longestOf(kept: ReadonlySet<KeptAnswer>): KeptAnswer {
  const byActor = new Map<string, { bytes: number; readonly longest: KeptAnswer }>();
  for (const answer of kept) {
    const known = byActor.get(answer.actor);
    if (known === undefined) byActor.set(answer.actor, { bytes: answer.bytes, longest: answer });
    else known.bytes += answer.bytes;
  }
  return [...byActor.values()].reduce((most, one) => (one.bytes > most.bytes ? one : most)).longest;
}
