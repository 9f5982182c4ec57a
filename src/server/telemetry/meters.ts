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
  const series = new Map<string, readonly [Values, Value]>();
  return {
    of: (values: Values): Value => {
      const key = names.length === 1 ? values[names[0] as Label] : names.map((name) => values[name]).join('\n');
      let found = series.get(key);
      if (found === undefined) series.set(key, (found = [{ ...values }, make()]));
      return found[1];
    },
    all: () => [...series.values()],
  };
}
