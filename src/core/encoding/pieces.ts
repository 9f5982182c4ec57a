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

/** Reads bytes, at once or ahead of that. */
export interface Reading<Result> {
  /** At once. What was read ahead is returned once: it may be many times as large as the bytes. */
  readonly read: (bytes: Uint8Array) => Result;
  /** In pieces. Throws nothing: what is wrong is told by `read`. The bytes must not change any more. */
  readonly ahead: (bytes: Uint8Array, pause: () => Promise<void>) => Promise<void>;
}

export function createReading<Result>(read: (bytes: Uint8Array) => Pieces<Result>): Reading<Result> {
  const before = new WeakMap<Uint8Array, { readonly result: Result } | { readonly failure: unknown }>();
  return {
    read: (bytes) => {
      const known = before.get(bytes);
      before.delete(bytes);
      if (known === undefined) return allAtOnce(read(bytes));
      if ('failure' in known) throw known.failure;
      return known.result;
    },
    ahead: async (bytes, pause) => {
      try {
        before.set(bytes, { result: await inPieces(read(bytes), pause) });
      } catch (failure) {
        before.set(bytes, { failure });
      }
    },
  };
}
