// A row of the benchmark: what the product costs, held against the floor that was measured in the same run.

export interface Row {
  readonly name: string;
  /** Median over the runs of product divided by floor, each pair taken in the same run. */
  readonly ratio: number;
  /** The ratio we set out to reach: at most this. */
  readonly target: number;
  /** Median CPU time of the floor, in microseconds. */
  readonly floor_us: number;
  readonly product_us: number;
  readonly runs: number;
  /** Least and greatest ratio of the runs. */
  readonly spread: readonly [number, number];
}

/** What one operation takes, floor and product measured one after the other: CPU microseconds, unless told. */
export interface Pair<Cost = number> {
  readonly floor: Cost;
  readonly product: Cost;
}

export interface RowTitle {
  readonly name: string;
  readonly target: number;
}

export function rowOf({ name, target }: RowTitle, pairs: readonly Pair[]): Row {
  const ratios = pairs.map(({ floor, product }) => product / floor);
  return {
    name,
    ratio: rounded(median(ratios), 3),
    target,
    floor_us: rounded(median(pairs.map(({ floor }) => floor)), 2),
    product_us: rounded(median(pairs.map(({ product }) => product)), 2),
    runs: pairs.length,
    spread: [rounded(Math.min(...ratios), 3), rounded(Math.max(...ratios), 3)],
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new TypeError('the median of nothing');
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
