// A quarantine ends at its time by being read after it. This only tells those who are subscribed, and the audit log.
import type { ServerContext } from '../context.ts';
import { startRepeating, type Repeating } from '../repeat.ts';

const everySeconds = 1;

/** Looks again and again until stopped. Servers that share a store may all look: each end is told by one transaction. */
export function startTellingEnds({ store, now, log }: Pick<ServerContext, 'store' | 'now' | 'log'>): Repeating {
  return startRepeating(() => store.tellQuarantineEnds(now().getTime()), {
    seconds: everySeconds,
    log,
    failure: 'the end of a quarantine could not be told',
  });
}
