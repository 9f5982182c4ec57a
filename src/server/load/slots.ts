// A bound on work that takes long: so many at once, and no more.
export interface Slots {
  /** What gives the slot back, or undefined when none is free. */
  take(): (() => void) | undefined;
  /** The same when one is free; first come, first served. */
  wait(): Promise<() => void>;
}

export function createSlots(size: number): Slots {
  const waiting: (() => void)[] = [];
  let taken = 0;

  /** Whoever waits has the slot from now on. */
  function giveBack(): void {
    const next = waiting.shift();
    if (next === undefined) taken -= 1;
    else next();
  }

  function holdSlot(): () => void {
    let isHeld = true;
    return () => {
      if (isHeld) giveBack();
      isHeld = false;
    };
  }

  function take(): (() => void) | undefined {
    if (taken >= size) return undefined;
    taken += 1;
    return holdSlot();
  }

  return {
    take,
    wait: async () => {
      const free = take();
      if (free !== undefined) return free;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return holdSlot();
    },
  };
}
