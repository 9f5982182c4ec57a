// Who comes first is served first, one after the other.

export interface Turns {
  /** Runs `work` when it is its turn: at once where nobody is before it. */
  take<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function openTurns(): Turns {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };
  return {
    take: async (work) => {
      if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
      isTaken = true;
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
