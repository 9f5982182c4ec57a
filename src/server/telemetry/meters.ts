// What counts and what measures: numbers in memory, from the start of the process. A few tenths of a microsecond each.
import type { Family, MetricLabels, Sample } from './exposition.ts';

interface MeterOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

export interface Counter<Label extends string> {
  add(labels: Readonly<Record<Label, string>>): void;
  collect(): Family;
}

export interface Histogram<Label extends string> {
  observe(value: number, labels: Readonly<Record<Label, string>>): void;
  collect(): Family;
}

/** Values of labels come from tables of ours, so that there are never many of them. Those of `from` are shown before they are
 * counted: Prometheus sees no rise from nothing to one. */
export function createCounter<Label extends string>({
  name,
  help,
  labels,
  from = [],
}: MeterOptions<Label> & { readonly from?: readonly Readonly<Record<Label, string>>[] }): Counter<Label> {
  const series = createSeries(labels, () => ({ count: 0 }));
  from.forEach(series.of);
  return {
    add: (values) => void (series.of(values).count += 1),
    collect: () => ({
      name,
      type: 'counter',
      help,
      samples: series.all().map(([values, { count }]) => ({ labels: values, value: count })),
    }),
  };
}

/** `bounds` rise; what is above the last one is counted too. */
export function createHistogram<Label extends string>({
  name,
  help,
  labels,
  bounds,
}: MeterOptions<Label> & { readonly bounds: readonly number[] }): Histogram<Label> {
  const series = createSeries(labels, () => ({ counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 }));
  return {
    observe: (value, values) => {
      const one = series.of(values);
      const bucket = bounds.findIndex((bound) => value <= bound);
      const at = bucket < 0 ? bounds.length : bucket;
      one.counts[at] = (one.counts[at] ?? 0) + 1;
      one.sum += value;
    },
    collect: () => ({
      name,
      type: 'histogram',
      help,
      samples: series.all().flatMap(([values, { counts, sum }]) => samplesOf(values, { bounds, counts, sum })),
    }),
  };
}

interface Measured {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Each bucket has all that is not above its bound. */
function samplesOf(labels: MetricLabels, { bounds, counts, sum }: Measured): readonly Sample[] {
  let total = 0;
  const buckets = counts.map((count, index): Sample => {
    total += count;
    const bound = bounds[index];
    return { part: 'bucket', labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound) }, value: total };
  });
  return [...buckets, { part: 'sum', labels, value: sum }, { part: 'count', labels, value: total }];
}

/** One `Value` for each combination of labels that was seen. */
function createSeries<Label extends string, Value>(names: readonly Label[], make: () => Value) {
  type Values = Readonly<Record<Label, string>>;
  const series: (readonly [Values, Value])[] = [];
  const root = createBranch<Value>();
  const add = (values: Values): Value => {
    const made = make();
    series.push([{ ...values }, made]);
    return made;
  };
  return {
    of: (values: Values): Value => {
      let branch = root;
      for (const name of names) branch = follow(branch, values[name]);
      return (branch.end ??= add(values));
    },
    all: () => series,
  };
}

/** A branch for each value of the next label. */
interface Branch<Value> {
  readonly branches: Map<string, Branch<Value>>;
  end: Value | undefined;
}

function createBranch<Value>(): Branch<Value> {
  return { branches: new Map(), end: undefined };
}

function follow<Value>({ branches }: Branch<Value>, label: string): Branch<Value> {
  let branch = branches.get(label);
  if (branch === undefined) branches.set(label, (branch = createBranch()));
  return branch;
}
