// Floor and product side by side: the machine changes from second to second, so each run measures both, one right after the
// other, in alternating order, and only their ratio counts. CPU time, not wall time: neighbours steal the latter.
import type { Pair } from './row.ts';

export interface Effort {
  /** How often each pair is measured. */
  readonly rounds: number;
  /** CPU time spent on one side of one pair, at least. */
  readonly sampleMs: number;
  /** Exchanges that a server has answered before it is measured: it runs for days, and its code is compiled. */
  readonly warmExchanges: number;
}

/** What one operation takes: CPU microseconds, unless told. */
export type Sample<Cost = number> = () => Cost | Promise<Cost>;

/** Both sides one right after the other, in alternating order, so many times. */
export async function measurePairs<Cost>(
  sides: { readonly floor: Sample<Cost>; readonly product: Sample<Cost> },
  { rounds }: Effort,
): Promise<readonly Pair<Cost>[]> {
  const pairs: Pair<Cost>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      const floor = await sides.floor();
      pairs.push({ floor, product: await sides.product() });
    } else {
      const product = await sides.product();
      pairs.push({ floor: await sides.floor(), product });
    }
  }
  return pairs;
}

/** How much longer than a sample the work runs before it is measured: a server runs for days, and its code is compiled. */
const warmUp = 8;

/** A sample of something that runs in this process: warmed up, and repeated until it has used enough CPU time. */
export function inProcess(work: () => unknown, { sampleMs }: Effort): Sample {
  let repeats = 1;
  while (cpuOf(work, repeats) < sampleMs * 1000 * warmUp) repeats *= 2;
  repeats = 1;
  while (cpuOf(work, repeats) < sampleMs * 1000) repeats *= 2;
  return () => cpuOf(work, repeats) / repeats;
}

let sink: unknown;

function cpuOf(work: () => unknown, repeats: number): number {
  const before = process.cpuUsage();
  for (let count = 0; count < repeats; count += 1) sink = work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Keeps results alive, so that no work is optimised away. */
export function lastResult(): unknown {
  return sink;
}
