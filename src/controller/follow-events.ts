// Events of Touchstone as a bell: which hosts something happened to. Nothing is believed because of an event; the host is asked
// about again. What a lost connection keeps from us is found by asking anew in time.
import { nextCursor, type ApiClient } from '../api/index.ts';
import { backOff, orAborted, pauseUnlessWaited } from './patience.ts';
import type { Clock } from './platform.ts';

export interface FollowOptions {
  readonly touchstone: () => ApiClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onHost: (hostId: string) => void;
  readonly onFailure: (error: unknown) => void;
}

const waitSeconds = 20;
const pageSize = 1000;

/** Waits for one page after the other until the signal. Never ends by a failure. */
export async function followEvents({ touchstone, clock, signal, onHost, onFailure }: FollowOptions): Promise<void> {
  let after: number | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const query = { wait: waitSeconds, limit: pageSize, ...(after === undefined ? {} : { after }) };
      const askedAt = clock.monotonic();
      // Whoever ends this does not wait for the answer.
      const page = await orAborted(touchstone().call('listEvents', { query }), signal);
      if (page === undefined) return;
      after = nextCursor(after, page);
      failures = 0;
      if (page.items.length === 0) await pauseUnlessWaited(askedAt, clock, signal);
      for (const item of page.items) if ('subject' in item) onHost(item.subject);
    } catch (error) {
      onFailure(error);
      await clock.sleep(backOff((failures += 1), error), signal);
    }
  }
}
