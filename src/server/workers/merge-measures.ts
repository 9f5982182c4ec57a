// What all workers measured as one exposition: each of them is a series of its own, so that a worker that starts anew counts from
// nothing without making the sum of all go back. [PROM]
import type { Family } from '../telemetry/exposition.ts';
import type { Measures } from './messages.ts';

export function mergeMeasures(measures: readonly Measures[], ofPrimary: readonly Family[]): readonly Family[] {
  const merged = new Map<string, Family>();
  const ofWorkers = measures.map(({ seat, families = [] }) => ({ worker: String(seat), families }));
  for (const { worker, families } of [...ofWorkers, { worker: 'primary', families: ofPrimary }]) {
    for (const family of families) {
      const samples = family.samples.map((sample) => ({ ...sample, labels: { ...sample.labels, worker } }));
      const before = merged.get(family.name)?.samples ?? [];
      merged.set(family.name, { ...family, samples: [...before, ...samples] });
    }
  }
  return [...merged.values(), ...measureSeats(measures)];
}

function measureSeats(measures: readonly Measures[]): readonly Family[] {
  const samplesOf = (read: (one: Measures) => number) =>
    measures.map((one) => ({ labels: { worker: String(one.seat) }, value: read(one) }));
  return [
    {
      name: 'touchstone_worker_up',
      type: 'gauge',
      help: 'Whether the worker answered when it was asked for what it measured.',
      samples: samplesOf(({ families }) => (families === undefined ? 0 : 1)),
    },
    {
      name: 'touchstone_worker_starts_total',
      type: 'counter',
      help: 'How often the worker was started: more than once, and it died.',
      samples: samplesOf(({ starts }) => starts),
    },
  ];
}
