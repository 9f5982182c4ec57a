// Each extended event of a log with what it says, what its digest covers and where it belongs.
import type { HashAlgorithm } from '../crypto/index.ts';
import type { AppliedQuirk, ClaimedEventLog, LogEvent } from './claimed-log.ts';
import { readBinding } from './binding.ts';
import { decodeEvent } from './decode-event.ts';
import { describeEvent } from './describe-event.ts';
import { describeMeasurement } from './describe-measurement.ts';
import { attributeEvents } from './event-origin.ts';
import { placeEvents } from './layer-of-event.ts';
import { isExtended } from './parse-event-log.ts';
import type { BoundEvent } from './replayed-log.ts';
import { isSystemMark, readMeasurement } from './userspace-measurement.ts';

/** `banks`: those in which coverage must hold; the digests shown are those of `bank`. Events without one are left out. */
export function annotateEvents(
  log: ClaimedEventLog,
  bank: HashAlgorithm,
  banks: readonly HashAlgorithm[],
): readonly BoundEvent[] {
  const items = log.events
    .filter((event) => isExtended(event) && event.digests.has(bank))
    .map((event) => ({ event, decoded: decodeEvent(event) }));
  // Layers and kernels are found among what was logged before the system ran: its own records have no layer.
  const layers = placeEvents(
    items.filter(({ event }) => event.userspace === undefined),
    log.registers,
  );
  const origins = attributeEvents(items, log.registers);
  return items.map(({ event, decoded }, position): BoundEvent => {
    const binding = readBinding(event, banksOf(event, banks));
    const facts = {
      ...factsOf(event, bank),
      dataBound: binding !== undefined,
      ...(binding ? { coverage: binding.coverage, boundContent: binding.content } : {}),
    };
    const isTpm = log.registers === 'tpm';
    const measurement = isTpm ? readMeasurement(facts) : undefined;
    const origin = origins[position];
    return {
      ...facts,
      layer: isTpm && isSystemMark(facts) ? undefined : layers[position],
      description: event.userspace
        ? describeMeasurement(measurement, event.userspace, facts.dataBound)
        : describeEvent(event, decoded, binding?.coverage),
      ...(decoded ? { decoded } : {}),
      ...(origin ? { untrustedOrigin: origin } : {}),
      ...(measurement ? { measurement } : {}),
    };
  });
}

/** The running system extends the banks it names, and no others. */
function banksOf(event: LogEvent, banks: readonly HashAlgorithm[]): readonly HashAlgorithm[] {
  return event.userspace === undefined ? banks : banks.filter((bank) => event.digests.has(bank));
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
