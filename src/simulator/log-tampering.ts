// Logs that do not tell what was measured.
import { encodeEventLog, eventTypes, type EncodeEventLogOptions, type EventToEncode } from '../core/event-log/index.ts';
import { isCommandLine } from './boot-tampering.ts';
import type { Tampering } from './tampering.ts';

/** The log a host sends of `events`, which is not the log of them when it lies. */
export function writeLog(
  events: readonly EventToEncode[],
  options: EncodeEventLogOptions,
  tampering: readonly Tampering[],
): Uint8Array | undefined {
  if (tampering.includes('no-log')) return undefined;
  if (tampering.includes('empty-log')) return encodeEventLog([], options);
  let told = events;
  if (tampering.includes('dropped-event')) told = told.filter((event) => !isCommandLine(event));
  if (tampering.includes('relabelled-event')) {
    told = told.map((event) => (isCommandLine(event) ? { ...event, type: eventTypes.EV_NO_ACTION } : event));
  }
  if (tampering.includes('reordered-events')) told = swapBeforeCommandLine(told);
  const log = encodeEventLog(told, options);
  return tampering.includes('truncated-log') ? log.subarray(0, -7) : log;
}

/** Swaps the command line with the event of the same PCR before it. */
function swapBeforeCommandLine(events: readonly EventToEncode[]): readonly EventToEncode[] {
  const later = events.findIndex(isCommandLine);
  const earlier = events.findLastIndex((event, index) => index < later && event.pcr === events[later]?.pcr);
  const [first, second] = [events[earlier], events[later]];
  if (first === undefined || second === undefined) throw new TypeError('this boot has no two events to swap');
  return events.map((event, index) => (index === earlier ? second : index === later ? first : event));
}
