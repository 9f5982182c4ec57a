// Whether the store takes what is written. On a disk that is full, read-only or failing, its own or that of PostgreSQL, a server goes on answering by what is stored, and
// has to say that it takes nothing. docs/decisions/0040
import { ServerError } from '../errors.ts';
import type { Check } from '../doctor/check.ts';
import type { ServerLog } from '../telemetry/log.ts';

export interface WriteWatch {
  /** What was said when the last attempt was refused; undefined where it was taken, or where none was made. */
  readonly refusal: () => string | undefined;
  /** What a request failed by. */
  readonly note: (error: unknown) => void;
  /** Writes, and notes what comes of it.
   * @throws what is no refusal of the disk: STORAGE_UNREACHABLE, STORAGE_DAMAGED */
  readonly attempt: (write: () => Promise<void>) => Promise<void>;
}

export interface WriteWatchOptions {
  readonly log: Pick<ServerLog, 'error' | 'info'>;
  readonly now: () => Date;
  /** A PostgreSQL that is full takes what fits where something was before, so no attempt tells of it, and requests do. It says so until none of
   * them was refused for so long. */
  readonly heedRequestsMs: number | undefined;
}

export function createWriteWatch({ log, now, heedRequestsMs }: WriteWatchOptions): WriteWatch {
  let refusal: string | undefined;
  let heededUntil = -Infinity;

  function tell(said: string | undefined, cause?: ServerError): void {
    const before = refusal;
    refusal = said;
    if (said !== undefined && before === undefined)
      log.error({ event: 'storage.read-only', err: cause }, 'the store takes nothing that is written');
    else if (said === undefined && before !== undefined)
      log.info({ event: 'storage.writable' }, 'the store takes what is written again');
  }

  return {
    refusal: () => refusal,
    note: (error) => {
      if (heedRequestsMs === undefined || !isUnavailable(error)) return;
      heededUntil = now().getTime() + heedRequestsMs;
      tell(error.message, error);
    },
    attempt: async (write) => {
      try {
        await write();
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        tell(error.message, error);
        return;
      }
      if (now().getTime() >= heededUntil) tell(undefined);
    },
  };
}

/** For the start: from then on the log, metrics and `/readyz` say it. */
export function checkWrites({ refusal }: Pick<WriteWatch, 'refusal'>): Check {
  const said = refusal();
  return {
    name: 'store-writes',
    ok: said === undefined,
    severity: 'error',
    message:
      said === undefined ? 'the store takes what is written' : `the store takes nothing that is written (${said})`,
    remedy:
      'Verdicts and decisions are answered until they lapse; no host attests. Make space on the disk of the data directory, or of PostgreSQL, or put the data directory back: the server goes on by itself.',
  };
}

export function isUnavailable(error: unknown): error is ServerError {
  return error instanceof ServerError && error.code === 'STORAGE_UNAVAILABLE';
}
