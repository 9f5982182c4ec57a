// One heavy piece of work per turn of the event loop. Without this a herd would wait in the kernel, where nobody can tell it to
// come back later, and a question about a verdict would wait behind all of it.

export type Stage = 'opening' | 'finishing';

export interface Turns {
  /** Resolves when it is this one's turn. What was begun goes before what is new; else first come, first served. */
  next(stage: Stage): Promise<void>;
}

/** `later` runs a function after everybody who is at the door was looked at, and no other heavy work: `inOwnTurn`. */
export function createTurns(later: (run: () => void) => void): Turns {
  const waiting: Readonly<Record<Stage, (() => void)[]>> = { opening: [], finishing: [] };
  let isRunning = false;

  function run(): void {
    const proceed = waiting.finishing.shift() ?? waiting.opening.shift();
    isRunning = proceed !== undefined;
    if (proceed === undefined) return;
    proceed();
    later(run);
  }

  return {
    next: (stage) =>
      new Promise((resolve) => {
        waiting[stage].push(resolve);
        if (isRunning) return;
        isRunning = true;
        later(run);
      }),
  };
}
