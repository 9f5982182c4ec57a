// When those who are sent away shall come: one after the other.

export interface Appointments {
  /** The next one in the row, which takes `perSecond` of them: in how many seconds, 1 at least. */
  next(perSecond: number): number;
  /** How far ahead the last one is. */
  bookedMs(): number;
}

/** None is further ahead than `longestMs`: from then on they share a moment. */
export function createAppointments(clock: () => number, longestMs: number): Appointments {
  let bookedUntil = 0;
  return {
    next: (perSecond) => {
      const now = clock();
      bookedUntil = Math.min(Math.max(bookedUntil, now) + 1000 / perSecond, now + longestMs);
      return Math.max(1, Math.ceil((bookedUntil - now) / 1000));
    },
    bookedMs: () => Math.max(0, bookedUntil - clock()),
  };
}
