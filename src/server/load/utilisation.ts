// How busy this process is, as its event loop sees it.
import { performance } from 'node:perf_hooks';

const windowMs = 1000;

/** Share of the last second or so in which the event loop did something, 0 to 1. Measured when asked: no timer runs. */
export function createUtilisation(clock: () => number): () => number {
  let since = clock();
  let reference = performance.eventLoopUtilization();
  let last = 0;
  return () => {
    const now = clock();
    if (now - since >= windowMs) {
      const current = performance.eventLoopUtilization();
      last = performance.eventLoopUtilization(current, reference).utilization;
      reference = current;
      since = now;
    }
    return last;
  };
}
