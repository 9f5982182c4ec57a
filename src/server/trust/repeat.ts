// Work that is done now and then, and never twice at once.
export interface Repeating {
  /** Resolves when what runs has ended. */
  stop(): Promise<void>;
}

export interface RepeatOptions {
  /** From one start to the next; undefined: the work is never done. */
  readonly seconds: number | undefined;
  readonly failed: (error: unknown) => void;
}

/** Runs `work` at once, and again and again until stopped. A start that comes while it runs is left out. */
export function startRepeating(work: () => Promise<unknown>, { seconds, failed }: RepeatOptions): Repeating {
  if (seconds === undefined) return { stop: () => Promise.resolve() };
  let running: Promise<unknown> | undefined;
  const run = (): void => {
    running ??= work()
      .catch(failed)
      .finally(() => (running = undefined));
  };
  const timer = setInterval(run, seconds * 1000);
  timer.unref();
  run();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
