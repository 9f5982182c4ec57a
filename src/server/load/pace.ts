// How many requests a second the server finishes when it has more than enough to do.

export interface Pace {
  /** One request is done. */
  finished(): void;
  /** There is more to do than can be done: from now on it can be measured how much that is. */
  saturated(): void;
  perSecond(): number;
}

/** Until there is something to measure. */
const firstGuess = 100;
const windowMs = 1000;

export function createPace(clock: () => number): Pace {
  let estimate = firstGuess;
  let window = { since: clock(), finished: 0, isSaturated: false };

  /** A window counts when it was full to its end: an idle server does little, and could do more. */
  function roll(): void {
    const elapsed = clock() - window.since;
    if (elapsed < windowMs) return;
    if (window.isSaturated && elapsed < 2 * windowMs) {
      estimate = Math.max(1, (estimate + (window.finished * 1000) / elapsed) / 2);
    }
    window = { since: clock(), finished: 0, isSaturated: false };
  }

  return {
    finished: () => {
      roll();
      window.finished += 1;
    },
    saturated: () => {
      roll();
      window.isSaturated = true;
    },
    perSecond: () => estimate,
  };
}
