// The text that Prometheus reads. Every character of it is ours: no label ever carries what a stranger wrote. [PROM]

export type MetricLabels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: MetricLabels;
  readonly value: number;
  /** What a histogram consists of. */
  readonly part?: 'bucket' | 'sum' | 'count';
}

/** One metric with all that is measured of it. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export const expositionType = 'text/plain; version=0.0.4';

/** A family without samples is announced all the same: whoever looks for it sees that it is not misspelt. */
export function writeExposition(families: readonly Family[]): string {
  return families.map(writeFamily).join('');
}

function writeFamily({ name, type, help, samples }: Family): string {
  const lines = samples.map(
    ({ labels, value, part }) =>
      `${name}${part === undefined ? '' : `_${part}`}${writeLabels(labels)} ${writeValue(value)}\n`,
  );
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function writeLabels(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function writeValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
