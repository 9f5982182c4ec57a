// What the store cannot do, in the log: an outage is told when it begins, with its cause, and when it is over, with how many requests it
// cost. Each of thousands of hosts would write the same otherwise.
import type { ServerProblemCode } from '../../api/index.ts';
import type { ServerLog } from '../telemetry/log.ts';

export interface FailingStore {
  /** A request failed so. False: it is none of an outage, and nothing was written. */
  note(code: string, error: unknown, about: Readonly<Record<string, unknown>>): boolean;
}

/** What meets everybody: what passes by itself, and that a newer release took the database over. */
const outages: ReadonlySet<string> = new Set<ServerProblemCode>([
  'STORAGE_UNREACHABLE',
  'STORAGE_UNAVAILABLE',
  'STORAGE_SCHEMA_UNKNOWN',
]);

/** No request has failed for so long: it is over. */
const quietMs = 10_000;

interface Outage {
  requests: number;
  readonly begunAt: number;
  lastAt: number;
}

/** `clock` in milliseconds, never back. `later` calls once after so long, and keeps no process alive. */
export function createFailingStore(
  log: Pick<ServerLog, 'error' | 'warn'>,
  clock: () => number,
  later: (work: () => void, afterMs: number) => void = (work, afterMs) => void setTimeout(work, afterMs).unref(),
): FailingStore {
  const underWay = new Map<string, Outage>();

  function endWhenQuiet(code: string, outage: Outage): void {
    const restMs = outage.lastAt + quietMs - clock();
    if (restMs > 0) {
      later(() => endWhenQuiet(code, outage), restMs);
      return;
    }
    underWay.delete(code);
    const { requests, begunAt, lastAt } = outage;
    const seconds = Math.round((lastAt - begunAt) / 1000);
    log.warn({ event: 'storage.failed', code, requests, seconds }, 'no request fails by the store any more');
  }

  return {
    note: (code, error, about) => {
      if (!outages.has(code)) return false;
      const at = clock();
      const known = underWay.get(code);
      if (known !== undefined) {
        known.requests += 1;
        known.lastAt = at;
        return true;
      }
      const message = 'the store cannot do what a request needs; those that follow are counted';
      log.error({ event: 'storage.failing', code, err: error, ...about }, message);
      const outage = { requests: 1, begunAt: at, lastAt: at };
      underWay.set(code, outage);
      later(() => endWhenQuiet(code, outage), quietMs);
      return true;
    },
  };
}
