// Waiting: growing pauses after failures, a bell, and a pace for writes.
import { ApiProblem } from '../api/index.ts';
import { ControllerError } from './errors.ts';
import type { Clock } from './platform.ts';

const longestMs = 30_000;
/** How long a controller that begins leaves the marks that it finds, while Touchstone does not answer at all. */
export const silenceMs = 30_000;

/** 0.5 s, 1 s, 2 s… up to half a minute, half of it by chance; never sooner than whoever refused has asked for. */
export function backOff(failures: number, error?: unknown): number {
  const ceiling = Math.min(longestMs, 250 * 2 ** failures);
  return Math.max(ceiling * (0.5 + Math.random() / 2), pauseAskedFor(error));
}

/** Milliseconds; 0 when no pause was asked for. */
export function pauseAskedFor(error: unknown): number {
  const known = error instanceof ApiProblem || error instanceof ControllerError;
  return known ? Math.min(longestMs, (error.retryAfterSeconds ?? 0) * 1000) : 0;
}

/** What `work` comes to; undefined as soon as the signal is aborted. Nothing is left behind at the signal. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

const shortestWaitMs = 1000;

/** After an answer without anything of who was asked to wait: one that came at once is of somebody who does not, and would be asked
 * without pause. `askedAt`: by the clock. */
export async function pauseUnlessWaited(askedAt: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const left = askedAt + shortestWaitMs - clock.monotonic();
  if (left > 0) await clock.sleep(left, signal);
}

export interface Bell {
  ring(): void;
  /** Resolves when it rings, has rung since the last wait, the time is over, or the signal is aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  let hasRung = false;
  let wake = (): void => undefined;
  return {
    ring: () => {
      hasRung = true;
      wake();
    },
    wait: async (milliseconds, signal) => {
      if (!hasRung) {
        const call = new AbortController();
        wake = () => call.abort();
        signal.addEventListener('abort', wake, { once: true });
        await clock.sleep(signal.aborted ? 0 : milliseconds, call.signal);
        signal.removeEventListener('abort', wake);
      }
      hasRung = false;
    },
  };
}

export interface Pace {
  /** Resolves when the next may go. */
  next(signal: AbortSignal): Promise<void>;
  /** Resolves at once, unless a pause was asked for: for what cannot wait its turn. */
  urgent(signal: AbortSignal): Promise<void>;
  /** Whoever they go to has asked for a pause. */
  pause(milliseconds: number): void;
}

/** Lets through so many a second, one after the other. */
export function createPace(perSecond: number, clock: Clock): Pace {
  let nextAt = -Infinity;
  let pausedUntil = -Infinity;
  const waitUntil = async (at: number, signal: AbortSignal): Promise<void> => {
    const waitMs = at - clock.monotonic();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  };
  return {
    next: async (signal) => {
      const at = Math.max(clock.monotonic(), nextAt, pausedUntil);
      nextAt = at + 1000 / perSecond;
      await waitUntil(at, signal);
    },
    urgent: (signal) => waitUntil(pausedUntil, signal),
    pause: (milliseconds) => {
      pausedUntil = Math.max(pausedUntil, clock.monotonic() + milliseconds);
    },
  };
}
