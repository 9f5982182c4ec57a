// Each extended event of a log with what it says, what its digest covers and where it belongs.
import type { HashAlgorithm } from '../crypto/index.ts';
import type { AppliedQuirk, ClaimedEventLog, LogEvent } from './claimed-log.ts';
import { readBinding } from './binding.ts';
import { decodeEvent } from './decode-event.ts';
import type { DecodedEvent } from './decoded-event.ts';
import { describeEvent } from './describe-event.ts';
import { describeMeasurement } from './describe-measurement.ts';
import { attributeEvents } from './event-origin.ts';
import { placeEvents } from './layer-of-event.ts';
import { isExtended } from './parse-event-log.ts';
import type { BoundEvent } from './replayed-log.ts';
import { isSystemMark, readMeasurement, type UserspaceMeasurement } from './userspace-measurement.ts';

/** `banks`: those in which coverage must hold; the digests shown are those of `bank`. Events without one are left out. */
export function annotateEvents(
  log: ClaimedEventLog,
  bank: HashAlgorithm,
  banks: readonly HashAlgorithm[],
): readonly BoundEvent[] {
  const isTpm = log.registers === 'tpm';
  const read = log.events
    .filter((event) => isExtended(event) && event.digests.has(bank))
    .map((event) => readEvent(event, { bank, banks, isTpm }));
  const layers = placeEvents(read, log.registers);
  const origins = isTpm ? attributeEvents(read) : [];
  return read.map(({ event, facts, decoded, measurement }, position): BoundEvent => {
    const known = { ...facts, ...(decoded ? { decoded } : {}), ...(measurement ? { measurement } : {}) };
    const origin = origins[position];
    return {
      ...known,
      layer: isSystemMark(known) ? undefined : layers[position],
      description: event.userspace
        ? describeMeasurement(measurement, event.userspace, facts.dataBound)
        : describeEvent(event, decoded, facts.coverage),
      ...(origin ? { untrustedOrigin: origin } : {}),
    };
  });
}

interface ReadEvent {
  readonly event: LogEvent;
  readonly facts: Omit<BoundEvent, 'layer' | 'description'>;
  readonly decoded: DecodedEvent | undefined;
  readonly measurement: UserspaceMeasurement | undefined;
}

interface Reading {
  readonly bank: HashAlgorithm;
  readonly banks: readonly HashAlgorithm[];
  readonly isTpm: boolean;
}

function readEvent(event: LogEvent, { bank, banks, isTpm }: Reading): ReadEvent {
  const { index, pcr, untrustedType, untrustedTypeName } = event;
  const binding = readBinding(event, banksOf(event, banks));
  const facts = {
    index,
    pcr,
    digest: { alg: bank, value: event.digests.get(bank) ?? new Uint8Array() },
    untrustedType,
    untrustedTypeName,
    dataBound: binding !== undefined,
    ...(binding ? { coverage: binding.coverage, boundContent: binding.content } : {}),
  };
  return { event, facts, decoded: decodeEvent(event), measurement: isTpm ? readMeasurement(facts) : undefined };
}

/** The running system extends the banks it names, and no others. */
function banksOf(event: LogEvent, banks: readonly HashAlgorithm[]): readonly HashAlgorithm[] {
  return event.userspace === undefined ? banks : banks.filter((bank) => event.digests.has(bank));
}

/** Quirks that show only once coverage is recomputed. */
export function describeCoverageQuirks(events: readonly BoundEvent[]): readonly AppliedQuirk[] {
  const tails = events.filter(({ coverage }) => coverage === 'all-but-last-byte');
  const [first] = tails;
  if (first === undefined) return [];
  return [{ id: 'shim-authority-tail', detail: `${tails.length} authority events of an old shim`, event: first.index }];
}
