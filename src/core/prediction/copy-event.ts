// An event of a log, to be written again as it stands.
import type { ClaimedEventLog, EventToEncode } from '../event-log/index.ts';

export function copyEvent({
  pcr,
  untrustedType,
  untrustedData,
  digests,
}: ClaimedEventLog['events'][number]): EventToEncode {
  return { pcr, type: untrustedType, data: untrustedData, digests };
}
