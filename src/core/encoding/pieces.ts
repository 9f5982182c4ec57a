// Long work in pieces: a generator that yields between two of them, so that others may have their turn there.
export type Pieces<Result> = Generator<undefined, Result, undefined>;

/** Does all pieces without a pause. */
export function allAtOnce<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
  }
}

/** Does the pieces one by one, and awaits `pause` between two of them. */
export async function inPieces<Result>(pieces: Pieces<Result>, pause: () => Promise<void>): Promise<Result> {
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
    await pause();
  }
}
