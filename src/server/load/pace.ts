// How many requests a second the server finishes when it has more than enough to do.

export interface Pace {
  /** One request is done. */
  finished(): void;
  /** There is more to do than can be done: from now on it can be measured how much that is. */
  saturated(): void;
  perSecond(): number;
}

/** Until there is something to measure: about what one core does. A herd is given its appointments within seconds, by this guess. Too high,
 * and some are sent away once more; too low, and the server waits for hosts that are not trusted yet. */
const firstGuess = 400;
const windowMs = 1000;
/** A herd dials before it does anything, and all that is measured meanwhile is handshakes: one bad window says little. */
const slowestFall = 0.9;

export function createPace(clock: () => number): Pace {
  let estimate = firstGuess;
  let window = { since: clock(), finished: 0, isSaturated: false };

  /** A window counts when it was full to its end: an idle server does little, and could do more. */
  function roll(): void {
    const elapsed = clock() - window.since;
    if (elapsed < windowMs) return;
    if (window.isSaturated && elapsed < 2 * windowMs) {
      estimate = Math.max(1, estimate * slowestFall, (window.finished * 1000) / elapsed);
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
