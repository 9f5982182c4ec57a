// How long a seat stays empty after the process died that sat there.
const firstMs = 200;
const longestMs = 30_000;
/** Who lived for so long did not die of how it was started. */
const settledMs = 60_000;

export interface Pause {
  readonly ms: number;
  /** How often in a row, this time included. */
  readonly failures: number;
}

/** 0.2 s, 0.4 s, 0.8 s... up to half a minute; from the start again for one that lived for a minute. */
export function pauseBefore(failures: number, livedMs: number): Pause {
  const before = livedMs >= settledMs ? 0 : failures;
  return { ms: Math.min(longestMs, firstMs * 2 ** Math.min(before, 20)), failures: before + 1 };
}
