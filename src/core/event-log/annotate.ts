// Each extended event of a log with what it says, what its digest covers and where it belongs.
import type { HashAlgorithm } from '../crypto/index.ts';
import type { AppliedQuirk, ClaimedEventLog, LogEvent } from './claimed-log.ts';
import { readBinding } from './binding.ts';
import { decodeEvent } from './decode-event.ts';
import { describeEvent } from './describe-event.ts';
import { placeEvents } from './layer-of-event.ts';
import { isExtended } from './parse-event-log.ts';
import type { BoundEvent } from './replayed-log.ts';

/** `banks`: those in which coverage must hold; the digests shown are those of `bank`. Events without one are left out. */
export function annotateEvents(
  log: ClaimedEventLog,
  bank: HashAlgorithm,
  banks: readonly HashAlgorithm[],
): readonly BoundEvent[] {
  const items = log.events
    .filter((event) => isExtended(event) && event.digests.has(bank))
    .map((event) => ({ event, decoded: decodeEvent(event) }));
  const layers = placeEvents(items, log.registers);
  return items.map(({ event, decoded }, position): BoundEvent => {
    const binding = readBinding(event, banks);
    return {
      ...factsOf(event, bank),
      dataBound: binding !== undefined,
      layer: layers[position],
      description: describeEvent(event, decoded, binding?.coverage),
      ...(binding ? { coverage: binding.coverage, boundContent: binding.content } : {}),
      ...(decoded ? { decoded } : {}),
    };
  });
}

function factsOf(
  event: LogEvent,
  bank: HashAlgorithm,
): Pick<BoundEvent, 'index' | 'pcr' | 'digest' | 'untrustedType' | 'untrustedTypeName'> {
  const { index, pcr, untrustedType, untrustedTypeName } = event;
  const digest = { alg: bank, value: event.digests.get(bank) ?? new Uint8Array() };
  return { index, pcr, digest, untrustedType, untrustedTypeName };
}

/** Quirks that show only once coverage is recomputed. */
export function describeCoverageQuirks(events: readonly BoundEvent[]): readonly AppliedQuirk[] {
  const tails = events.filter(({ coverage }) => coverage === 'all-but-last-byte');
  const [first] = tails;
  if (first === undefined) return [];
  return [{ id: 'shim-authority-tail', detail: `${tails.length} authority events of an old shim`, event: first.index }];
}
