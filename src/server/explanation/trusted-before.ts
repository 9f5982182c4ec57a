// Whether this very boot was trusted before: then nothing on the host changed, but what is said of it.
import { isTrusted } from '../lockout/last-good.ts';
import type { VerdictRecord } from '../storage/index.ts';

/** The last of the verdicts, newest first, that trusted the boot and the boot log that the newest speaks of. Undefined where the
 * newest trusts the host itself, or none does. */
export function findTrustedBefore([current, ...earlier]: readonly VerdictRecord[]): VerdictRecord | undefined {
  if (current === undefined || isTrusted(current.verdict.status)) return undefined;
  return earlier.find((record) => isTrusted(record.verdict.status) && isSameBoot(record, current));
}

function isSameBoot({ epoch, verdict }: VerdictRecord, current: VerdictRecord): boolean {
  const { boot, eventLogDigest } = current.verdict;
  return (
    epoch === current.epoch &&
    boot !== undefined &&
    boot.resetCount === verdict.boot?.resetCount &&
    boot.restartCount === verdict.boot.restartCount &&
    eventLogDigest !== undefined &&
    eventLogDigest === verdict.eventLogDigest
  );
}
