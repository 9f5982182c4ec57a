// When hosts come. Each pattern is a list of moments, by host: pure, so that it can be looked at before anything runs.
import type { SimulatedHost } from './fleet.ts';

export const arrivals = {
  'power-cut': 'every host boots again and comes, all at the same moment',
  'full-speed': 'one host after the other, as fast as the server answers',
  even: 'each host once per interval, evenly spread',
  ramp: 'from no host to the pace of `even`, rising all the time',
} as const;

export type ArrivalName = keyof typeof arrivals;

export interface Arrival {
  readonly member: SimulatedHost;
  /** Milliseconds after the beginning. */
  readonly atMs: number;
}

export interface ArrivalOptions {
  /** How often each host attests. */
  readonly intervalSeconds: number;
  readonly durationSeconds: number;
  /** No more than so many attestations. */
  readonly limit: number;
}

/** The arrivals of a phase in order. `full-speed` has no end of its own but `limit`. */
export function* planArrivals(
  name: ArrivalName,
  members: readonly SimulatedHost[],
  { durationSeconds, intervalSeconds, limit }: ArrivalOptions,
): Generator<Arrival> {
  const perMs = members.length / (intervalSeconds * 1000);
  const durationMs = durationSeconds * 1000;
  const momentOf: Record<ArrivalName, (number: number) => number> = {
    'power-cut': () => 0,
    'full-speed': () => 0,
    even: (number) => number / perMs,
    // Of a pace that rises to `perMs`, so many have come by then.
    ramp: (number) => Math.sqrt((2 * number * durationMs) / perMs),
  };
  const count = name === 'power-cut' ? Math.min(limit, members.length) : limit;
  for (let number = 0; number < count; number += 1) {
    const atMs = momentOf[name](number);
    const member = members[number % members.length];
    if (member === undefined || atMs >= durationMs) return;
    yield { member, atMs };
  }
}
