// The writing side, for the simulator and for tests: crypto-agile logs as firmware writes them. [TCG-PFP §10.2.2]
import { digestSizes, hash, type HashAlgorithm } from '../../crypto/index.ts';
import { concatBytes, encodeUnsigned, encodeUtf8 } from '../../encoding/index.ts';
import { eventTypes } from '../events/event-types.table.ts';
import { hashIdentifiers } from './hash-identifiers.table.ts';

export interface EventToEncode {
  readonly pcr: number;
  /** Number of the type: see `eventTypes`. */
  readonly type: number;
  readonly data: Uint8Array;
  /** What was measured; the data unless told. Nothing is measured for EV_NO_ACTION. */
  readonly measured?: Uint8Array;
  /** Digests to write as they are, in place of those of `measured`. */
  readonly digests?: ReadonlyMap<HashAlgorithm, Uint8Array>;
}

export interface EncodeEventLogOptions {
  readonly banks: readonly HashAlgorithm[];
  /** Written as a StartupLocality record after the Spec ID record when not 0. */
  readonly startupLocality?: 0 | 3;
}

/** A whole log: the Spec ID record, then `events`. Deterministic. */
export function encodeEventLog(events: readonly EventToEncode[], options: EncodeEventLogOptions): Uint8Array {
  const { banks, startupLocality = 0 } = options;
  const locality: readonly EventToEncode[] =
    startupLocality === 0
      ? []
      : [noAction(concatBytes(encodeUtf8('StartupLocality\0'), Uint8Array.of(startupLocality)))];
  return concatBytes(encodeSpecIdEvent(banks), ...[...locality, ...events].map((event) => encodeEvent(event, banks)));
}

/** The digests that `encodeEventLog` writes for an event, in each bank: what a TPM must be extended with. */
export function digestsOfEvent(
  event: EventToEncode,
  banks: readonly HashAlgorithm[],
): ReadonlyMap<HashAlgorithm, Uint8Array> {
  return new Map(banks.map((bank) => [bank, digestOf(event, bank)]));
}

function noAction(data: Uint8Array): EventToEncode {
  return { pcr: 0, type: eventTypes.EV_NO_ACTION, data };
}

function digestOf(event: EventToEncode, bank: HashAlgorithm): Uint8Array {
  const given = event.digests?.get(bank);
  if (given !== undefined) return given;
  if (event.type === eventTypes.EV_NO_ACTION) return new Uint8Array(digestSizes[bank]);
  return hash(bank, event.measured ?? event.data);
}

function encodeEvent(event: EventToEncode, banks: readonly HashAlgorithm[]): Uint8Array {
  const digests = banks.flatMap((bank) => [u16(hashIdentifiers[bank]), digestOf(event, bank)]);
  return concatBytes(
    u32(event.pcr),
    u32(event.type),
    u32(banks.length),
    ...digests,
    u32(event.data.length),
    event.data,
  );
}

/** TCG_EfiSpecIdEvent in a record of the SHA-1 shape. [TCG-PFP §10.4.5.1] */
function encodeSpecIdEvent(banks: readonly HashAlgorithm[]): Uint8Array {
  const algorithms = banks.flatMap((bank) => [u16(hashIdentifiers[bank]), u16(digestSizes[bank])]);
  const versions = Uint8Array.of(0, 2, 0, 2);
  const data = concatBytes(
    encodeUtf8('Spec ID Event03\0'),
    u32(0),
    versions,
    u32(banks.length),
    ...algorithms,
    Uint8Array.of(0),
  );
  return concatBytes(u32(0), u32(eventTypes.EV_NO_ACTION), new Uint8Array(digestSizes.sha1), u32(data.length), data);
}

function u16(value: number): Uint8Array {
  return encodeUnsigned(value, 2).reverse();
}

function u32(value: number): Uint8Array {
  return encodeUnsigned(value, 4).reverse();
}
