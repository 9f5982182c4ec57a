// The time verdicts lapse by. It never goes back while the server runs: whoever sets the machine's clock back must not make
// an old verdict young again. A clock set forward and back again leaves the server ahead until it is started anew: then it
// denies too much, never too little.

/** How far apart the clocks of servers may be that share a store: what is dated further ahead counts for nothing. */
export const clockToleranceMs = 60_000;

export interface ClockSource {
  /** The machine's clock, in milliseconds since 1970. It may jump. */
  readonly wall: () => number;
  /** Milliseconds since some moment, always forward, at the same pace. */
  readonly steady: () => number;
}

const systemSource: ClockSource = { wall: () => Date.now(), steady: () => performance.now() };

/** Steps smaller than this are the business of NTP. */
const noticedMs = 1000;

/** Follows the machine's clock forward, and where that was set back goes on at its pace from where it was.
 * `onBack` is told once for each step back, with its size in milliseconds. */
export function createClock(onBack: (milliseconds: number) => void, source: ClockSource = systemSource): () => Date {
  let ahead = source.wall() - source.steady();
  let told = 0;
  return () => {
    const steady = source.steady();
    const wall = source.wall();
    const behind = steady + ahead - wall;
    if (behind <= 0) ahead = wall - steady;
    if (behind > told + noticedMs) onBack(Math.round(behind));
    told = Math.max(0, behind);
    return new Date(steady + ahead);
  };
}
