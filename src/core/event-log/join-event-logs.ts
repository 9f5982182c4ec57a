// The log of firmware and a later one (systemd's userspace measurements) as one: what extended a register first, first.
import type { ClaimedEventLog } from './claimed-log.ts';
import { claimRecords } from './parse-event-log.ts';

/** Proves nothing; the replay of the joined log does, or not. The later log's records keep their order and get the numbers
 * after those of the first. A bank that either lacks for some record is not whole in the joined log. */
export function joinEventLogs(first: ClaimedEventLog, later: ClaimedEventLog): ClaimedEventLog {
  const moved = later.events.map((event) => ({ ...event, index: event.index + first.events.length }));
  return claimRecords({
    format: first.format,
    events: [...first.events, ...moved],
    quirks: [...first.quirks, ...later.quirks].filter(
      ({ id }) => id === 'trailing-padding' || id === 'nv-index-records',
    ),
    ...(first.specId ? { specId: first.specId } : {}),
  });
}
