// A server that has more to do than it can sends hosts away with a time to come back. A command that is run once keeps that
// appointment; what goes wrong otherwise is told at once.
import { describeFailure } from './failure.ts';

export interface AppointmentOptions {
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly random: () => number;
  /** Told before each wait. */
  readonly onWait: (waitMs: number) => void;
}

const maximumTimes = 20;
const longestWaitMs = 10 * 60_000;

/** Does the work again at the time that the server named, a little later by chance; at most 20 times. */
export async function keepAppointments<T>(work: () => Promise<T>, options: AppointmentOptions): Promise<T> {
  for (let time = 1; ; time += 1) {
    try {
      return await work();
    } catch (error) {
      const seconds = describeFailure(error)?.retryAfterSeconds;
      if (seconds === undefined || time === maximumTimes) throw error;
      const waitMs = Math.min(longestWaitMs, Math.round(Math.max(1, seconds) * 1000 * (1 + options.random() / 10)));
      options.onWait(waitMs);
      await options.sleep(waitMs);
      if (options.signal?.aborted === true) throw error;
    }
  }
}
