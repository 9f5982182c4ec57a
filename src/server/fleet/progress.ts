// How far a look at the fleet is. It says so as it goes, and at last what it found.
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** Who asks no further ends it. */
export type Steps<Result> = AsyncGenerator<Progress, Result>;

/** The result alone. */
export async function resultOf<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const step = await steps.next();
    if (step.done === true) return step.value;
  }
}

/** Does at last what the steps were taken for: not where they throw, nor where nobody asks further. */
export async function* thenDo<Found, Result>(
  steps: Steps<Found>,
  act: (found: Found) => Promise<Result> | Result,
): Steps<Result> {
  return act(yield* steps);
}
