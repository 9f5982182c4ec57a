// An event of a log, read only as far as somebody asks. An appraisal compares digests and asks few events what they say; what
// they say follows from the bytes of the log alone, so it makes no difference when, or how often, it is read.
import type { Digest, HashAlgorithm } from '../../crypto/index.ts';
import { readBinding } from './binding.ts';
import type { LogEvent } from '../claimed-log.ts';
import type { Candidate, Coverage } from './coverage.table.ts';
import { decodeEvent } from './decode-event.ts';
import type { DecodedEvent } from './decoded-event.ts';
import { describeEvent } from './describe-event.ts';
import { describeMeasurement } from '../userspace/describe-measurement.ts';
import type { EventOrigin } from '../event-origin.ts';
import { typeNameOf } from './event-types.table.ts';
import type { Layer } from '../layer.ts';
import type { BoundEvent } from '../replayed-log.ts';
import { isSystemMark, readMeasurement, type UserspaceMeasurement } from '../userspace/userspace-measurement.ts';

/** What all events of a log have in common. */
export interface LogReading {
  /** Of the digests that are shown. */
  readonly bank: HashAlgorithm;
  /** Those in which coverage must hold. */
  readonly banks: readonly HashAlgorithm[];
  readonly isTpm: boolean;
  /** By position among the events that are read. */
  readonly layerOf: (position: number) => Layer | undefined;
  readonly originOf: (position: number) => EventOrigin | undefined;
}

/** Not read yet; what was read may be `undefined`. */
const unread = Symbol('unread');
type Unread = typeof unread;

const colon = 0x3a;

export class ReadEvent implements BoundEvent {
  readonly event: LogEvent;
  readonly index: number;
  readonly pcr: number;
  readonly digest: Digest;
  readonly #log: LogReading;
  readonly #position: number;
  #decoded: DecodedEvent | undefined | Unread = unread;
  #binding: Candidate | undefined | Unread = unread;
  #measurement: UserspaceMeasurement | undefined | Unread = unread;
  #layer: Layer | undefined | Unread = unread;

  constructor(event: LogEvent, value: Uint8Array, log: LogReading, position: number) {
    this.event = event;
    this.index = event.index;
    this.pcr = event.pcr;
    this.digest = { alg: log.bank, value };
    this.#log = log;
    this.#position = position;
  }

  get untrustedType(): number {
    return this.event.untrustedType;
  }

  get untrustedTypeName(): string {
    return typeNameOf(this.event);
  }

  get dataBound(): boolean {
    return this.#readBinding() !== undefined;
  }

  get coverage(): Coverage | undefined {
    return this.#readBinding()?.coverage;
  }

  get boundContent(): Uint8Array | undefined {
    return this.#readBinding()?.content;
  }

  get decoded(): DecodedEvent | undefined {
    if (this.#decoded === unread) this.#decoded = decodeEvent(this.event);
    return this.#decoded;
  }

  get measurement(): UserspaceMeasurement | undefined {
    if (this.#measurement === unread) this.#measurement = this.#log.isTpm ? this.#readMeasurement() : undefined;
    return this.#measurement;
  }

  get layer(): Layer | undefined {
    if (this.#layer === unread) {
      this.#layer = this.#log.isTpm && isSystemMark(this) ? undefined : this.#log.layerOf(this.#position);
    }
    return this.#layer;
  }

  get description(): string {
    const { userspace } = this.event;
    if (userspace !== undefined) return describeMeasurement(this.measurement, userspace, this.dataBound);
    return describeEvent(this.event, this.decoded, this.coverage);
  }

  get untrustedOrigin(): EventOrigin | undefined {
    return this.#log.originOf(this.#position);
  }

  /** Every text that systemd measures has a colon. Data without one cannot be such a text, so its digest need not be recomputed. */
  #readMeasurement(): UserspaceMeasurement | undefined {
    return readMeasurement(this.event.untrustedData.includes(colon) ? this : { digest: this.digest });
  }

  #readBinding(): Candidate | undefined {
    if (this.#binding === unread) this.#binding = readBinding(this.event, this.#banks());
    return this.#binding;
  }

  /** The running system extends the banks it names, and no others. */
  #banks(): readonly HashAlgorithm[] {
    const { userspace, digests } = this.event;
    return userspace === undefined ? this.#log.banks : this.#log.banks.filter((bank) => digests.has(bank));
  }
}
