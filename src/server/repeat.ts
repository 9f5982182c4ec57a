// Work that is done now and then, and never twice at once: not here, and not by two servers that share a store.
import type { ServerContext } from './context.ts';
import { isUnreachable } from './outage/database-away.ts';
import { isUnavailable } from './outage/write-watch.ts';

export interface Repeating {
  /** Resolves when what runs has ended. */
  stop(): Promise<void>;
}

export interface RepeatOptions {
  /** From one start to the next; undefined: the work is never done. */
  readonly seconds: number | undefined;
  /** Not at once: the first time after as long. */
  readonly isLater?: boolean;
  readonly log: ServerContext['log'];
  /** What is logged of work that failed. */
  readonly failure: string;
}

/** Runs `work` at once unless told, and again and again until stopped. A start that comes while it runs is left out. That the database
 * is away, or takes nothing, is not logged: work of each second would say it each second, and whoever asks the server is told. */
export function startRepeating(
  work: () => Promise<unknown>,
  { seconds, isLater = false, log, failure }: RepeatOptions,
): Repeating {
  if (seconds === undefined) return { stop: () => Promise.resolve() };
  let running: Promise<unknown> | undefined;
  const failed = (error: unknown): void => {
    if (!isUnreachable(error) && !isUnavailable(error)) log.error({ err: error }, failure);
  };
  const run = (): void => {
    running ??= work()
      .catch(failed)
      .finally(() => (running = undefined));
  };
  const timer = setInterval(run, seconds * 1000);
  timer.unref();
  if (!isLater) run();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** Does the work unless another server has its turn: until shortly before the next one is due, or longer by what it takes to see that the
 * other is no more. */
export async function inTurn(
  context: ServerContext,
  name: string,
  seconds: number,
  work: (context: ServerContext) => Promise<void>,
): Promise<void> {
  if (await context.store.takeLease(context.replica, name, seconds * 900)) await work(context);
}
