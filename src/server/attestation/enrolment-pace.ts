// How often one TPM may be bound within an hour. Each time revokes the certificate before it and is told in the audit log, and neither
// list is ever cut short for it: without a bound one host could make both as long as it likes.
import { encodeHex } from '../../core/encoding/index.ts';
import { ServerError } from '../errors.ts';
import { createLru } from '../lru.ts';

const hourMs = 3_600_000;

/** So many TPMs are counted, of those that were bound last: who is bound again and again is among them. */
const counted = 10_000;

export interface EnrolmentPace {
  /** Counts one more binding of the TPM, which has proved itself. Returns what takes that back, where nothing came of it.
   * @throws ServerError ENROLLMENT_TOO_OFTEN, with the time to come again */
  take(ekDigest: Uint8Array, at: Date): () => void;
}

/** Of this process: it begins anew with it. */
export function createEnrolmentPace(mostInAnHour: number): EnrolmentPace {
  const bound = createLru<readonly number[]>(counted);
  return {
    take: (ekDigest, at) => {
      const ek = encodeHex(ekDigest);
      const now = at.getTime();
      const lately = (bound.get(ek) ?? []).filter((time) => time > now - hourMs);
      const [first] = lately;
      if (first !== undefined && lately.length >= mostInAnHour) {
        const seconds = Math.ceil((first + hourMs - now) / 1000);
        const detail = `this TPM was enrolled ${lately.length} times within an hour`;
        throw new ServerError('ENROLLMENT_TOO_OFTEN', detail, { headers: { 'retry-after': String(seconds) } });
      }
      bound.set(ek, [...lately, now]);
      return () => {
        const times = bound.get(ek) ?? [];
        const last = times.lastIndexOf(now);
        bound.set(
          ek,
          times.filter((_, index) => index !== last),
        );
      };
    },
  };
}
