// A bound on work that takes long: so many at once, and no more.
export interface Slots {
  /** What gives the slot back, or undefined when none is free. */
  take(): (() => void) | undefined;
}

export function createSlots(size: number): Slots {
  let taken = 0;
  return {
    take: () => {
      if (taken >= size) return undefined;
      taken += 1;
      let isHeld = true;
      return () => {
        if (isHeld) taken -= 1;
        isHeld = false;
      };
    },
  };
}
