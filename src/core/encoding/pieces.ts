// Work in pieces: whoever does it may do something else between two of them, or do all of it at once.
export type Pieces<Result> = Generator<undefined, Result, undefined>;

export function allAtOnce<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
  }
}

/** Awaits `pause` between two pieces. */
export async function inPieces<Result>(pieces: Pieces<Result>, pause: () => Promise<void>): Promise<Result> {
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
    await pause();
  }
}
