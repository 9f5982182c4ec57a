// How long the answers about the validity of golden measurements stay the same: nobody has to ask again before that.
import type { ApprovedGolden } from './approval.ts';
import { turningPoints } from './verify-golden.ts';

/** Milliseconds since 1970: from `from` on, and before `until`. */
export interface ValidityWindow {
  readonly from: number;
  readonly until: number;
}

/** The window around `at` in which `isValidAt` and `endsSoon` answer the same for each golden measurement, and in which none of `others`
 * lies, further times in milliseconds since 1970. */
export function validityAround(
  goldens: readonly ApprovedGolden[],
  at: Date,
  others: readonly number[] = [],
): ValidityWindow {
  const now = at.getTime();
  let [from, until] = [-Infinity, Infinity];
  const times = [...goldens.flatMap(({ statement }) => turningPoints(statement)), ...others];
  for (const time of times) {
    if (time <= now) from = Math.max(from, time);
    else until = Math.min(until, time);
  }
  return { from, until };
}
