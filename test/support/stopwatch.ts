// Bounds of time that hold on a busy machine as on an idle one.
import { readFileSync } from 'node:fs';

/** Starts to count: what it returns tells the milliseconds since then, without those in which the main thread of this process was ready
 * to run and had no core. What a process waits for by itself counts in full: a hang is one on any machine. */
export function startStopwatch(): () => number {
  const [begun, withoutCore] = [performance.now(), withoutCoreMs()];
  return () => {
    // Read first: a core that is lost between the two counts as time, and is never taken off what had passed before.
    const lost = withoutCoreMs() - withoutCore;
    return performance.now() - begun - lost;
  };
}

/** Milliseconds since the process began, as Linux counts them. Elsewhere none: all time counts. [proc(5), schedstat] */
function withoutCoreMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
