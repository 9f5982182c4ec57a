// How many hosts have each measurement. Bounded: a host that measures thousands of things of its own cannot fill the memory.
import type { Measurement } from './measurements.ts';

/** A real boot has about a hundred. */
const maximumOfHost = 4096;
/** Distinct ones of the whole fleet, at about 200 bytes each. */
const maximumOfFleet = 500_000;

/** The measurements of one host, or of many that booted alike, by number. */
export type MeasuredBoot = Uint32Array;

export interface MeasurementCounts {
  /** Numbers the measurements, without counting them yet; undefined when they are too many. */
  number(measurements: readonly Measurement[]): MeasuredBoot | undefined;
  /** One more host has them. */
  count(boot: MeasuredBoot): void;
  /** On how many hosts the rarest of them was seen. */
  leastOf(boot: MeasuredBoot): number;
  /** On how many hosts it was seen; 0 when it never was. */
  seenOn(key: string): number;
}

export function createMeasurementCounts(bounds = { maximumOfHost, maximumOfFleet }): MeasurementCounts {
  const numbers = new Map<string, number>();
  const counts: number[] = [];
  return {
    number: (measurements) => {
      const fresh = measurements.filter(({ key }) => !numbers.has(key));
      const isTooMany = numbers.size + fresh.length > bounds.maximumOfFleet;
      if (measurements.length > bounds.maximumOfHost || isTooMany) return undefined;
      for (const { key } of fresh) {
        numbers.set(key, counts.length);
        counts.push(0);
      }
      return Uint32Array.from(measurements, ({ key }) => numbers.get(key) ?? 0);
    },
    count: (boot) => {
      for (const number of boot) counts[number] = (counts[number] ?? 0) + 1;
    },
    leastOf: (boot) => boot.reduce((least, number) => Math.min(least, counts[number] ?? 0), Infinity),
    seenOn: (key) => counts[numbers.get(key) ?? -1] ?? 0,
  };
}
