// What failed, and when each of it is tried again: later after each failure, and no sooner than the other end asked for.
import { backOff } from './patience.ts';
import type { Clock } from './platform.ts';

export interface Retries {
  failed(name: string, error: unknown): void;
  succeeded(name: string): void;
  /** What is not among these any more is not tried again. */
  keepOnly(names: ReadonlySet<string>): void;
  /** Whether it may be tried at this time of the clock: it never failed, or its pause is over. */
  isDue(name: string, at: number): boolean;
  /** Milliseconds until one of them may be tried again; Infinity where nothing failed. */
  untilNext(): number;
  /** In a row. */
  failuresOf(name: string): number;
}

export function createRetries(clock: Clock): Retries {
  const retries = new Map<string, { readonly at: number; readonly failures: number }>();
  const failuresOf = (name: string): number => retries.get(name)?.failures ?? 0;
  return {
    failed: (name, error) => {
      const failures = failuresOf(name) + 1;
      retries.set(name, { at: clock.monotonic() + backOff(failures, error), failures });
    },
    succeeded: (name) => void retries.delete(name),
    keepOnly: (names) => {
      for (const name of retries.keys()) if (!names.has(name)) retries.delete(name);
    },
    isDue: (name, at) => (retries.get(name)?.at ?? 0) <= at,
    untilNext: () =>
      [...retries.values()].reduce((least, retry) => Math.min(least, retry.at - clock.monotonic()), Infinity),
    failuresOf,
  };
}
