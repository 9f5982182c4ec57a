// Each extended event of a log with what it says, what its digest covers and where it belongs.
import type { HashAlgorithm } from '../crypto/index.ts';
import type { AppliedQuirk, ClaimedEventLog } from './claimed-log.ts';
import { attributeEvents, type EventOrigin } from './event-origin.ts';
import { eventTypes } from './events/event-types.table.ts';
import { placeEvents } from './layer-of-event.ts';
import type { Layer } from './layer.ts';
import { isExtended } from './formats/parse-event-log.ts';
import { ReadEvent } from './events/read-event.ts';
import type { BoundEvent } from './replayed-log.ts';

/** `banks`: those in which coverage must hold; the digests shown are those of `bank`. Events without one are left out. */
export function annotateEvents(
  log: ClaimedEventLog,
  bank: HashAlgorithm,
  banks: readonly HashAlgorithm[],
): readonly BoundEvent[] {
  const events: ReadEvent[] = [];
  let layers: readonly (Layer | undefined)[] | undefined;
  let origins: readonly (EventOrigin | undefined)[] | undefined;
  const isTpm = log.registers === 'tpm';
  const reading = {
    bank,
    banks,
    isTpm,
    layerOf: (position: number) => (layers ??= placeEvents(events, log.registers))[position],
    originOf: (position: number) => (origins ??= isTpm ? attributeEvents(events) : [])[position],
  };
  for (const event of log.events) {
    const digest = isExtended(event) ? event.digests.get(bank) : undefined;
    if (digest !== undefined) events.push(new ReadEvent(event, digest, reading, events.length));
  }
  return events;
}

/** Quirks that show only once coverage is recomputed. */
export function describeCoverageQuirks(events: readonly BoundEvent[]): readonly AppliedQuirk[] {
  const tails = events.filter(hasShimTail);
  const [first] = tails;
  if (first === undefined) return [];
  return [{ id: 'shim-authority-tail', detail: `${tails.length} authority events of an old shim`, event: first.index }];
}

/** Asked of authority events alone: no other type has this coverage, and each answer hashes the event's data. */
function hasShimTail(event: BoundEvent): boolean {
  return event.untrustedType === eventTypes.EV_EFI_VARIABLE_AUTHORITY && event.coverage === 'all-but-last-byte';
}
