// Durations, counted in buckets that are two in a hundred wide: as many as you like in the same small memory.

export interface Histogram {
  add(milliseconds: number): void;
  readonly count: number;
  readonly max: number;
  /** The duration that this share (0 to 1) does not exceed, at most 2 % too high; 0 when nothing was counted. */
  quantile(share: number): number;
  /** Counts between one, two, five, ten, twenty... milliseconds, from the first to the last that is not empty. */
  bars(): readonly Bar[];
}

export interface Bar {
  readonly uptoMs: number;
  readonly count: number;
}

const width = Math.log(1.02);
const leastMs = 0.01;

export function createHistogram(): Histogram {
  const counts = new Map<number, number>();
  let [count, max] = [0, 0];
  const uptoOf = (bucket: number): number => Math.min(max, leastMs * Math.exp(bucket * width));
  const ordered = (): [number, number][] => [...counts].sort(([left], [right]) => left - right);
  return {
    add: (milliseconds) => {
      const bucket = Math.max(0, Math.ceil(Math.log(Math.max(milliseconds, leastMs) / leastMs) / width));
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
      count += 1;
      max = Math.max(max, milliseconds);
    },
    get count() {
      return count;
    },
    get max() {
      return max;
    },
    quantile: (share) => {
      let passed = 0;
      for (const [bucket, inside] of ordered()) {
        passed += inside;
        if (passed >= share * count) return uptoOf(bucket);
      }
      return max;
    },
    bars: () => {
      const found = new Map<number, number>();
      for (const [bucket, inside] of ordered()) {
        const step = stepOf(uptoOf(bucket));
        found.set(step, (found.get(step) ?? 0) + inside);
      }
      const steps = [...found.keys()];
      if (steps.length === 0) return [];
      const first = Math.min(...steps);
      const length = Math.max(...steps) - first + 1;
      return Array.from({ length }, (_, index) => ({
        uptoMs: edgeOf(first + index),
        count: found.get(first + index) ?? 0,
      }));
    },
  };
}

/** 1, 2, 5 and their multiples by ten: the nth of them. */
function edgeOf(step: number): number {
  const decade = Math.floor(step / 3);
  const edge = [1, 2, 5][step - decade * 3] ?? 1;
  return decade < 0 ? edge / 10 ** -decade : edge * 10 ** decade;
}

function stepOf(milliseconds: number): number {
  let step = -6;
  while (edgeOf(step) < milliseconds) step += 1;
  return step;
}
