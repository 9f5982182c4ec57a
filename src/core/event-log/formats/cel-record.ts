// One record of a Canonical Event Log, in whatever encoding it came. [TCG-CEL §4]
import { MalformedError, type ErrorLocation } from '../../error.ts';
import { digestSizes, isHashAlgorithm, type HashAlgorithm } from '../../crypto/index.ts';
import type { AppliedQuirk, LogEvent } from '../claimed-log.ts';
import { eventTypes } from '../events/event-types.table.ts';
import type { UserspaceContent } from '../userspace/userspace-log.ts';

/** Content types by number. [TCG-CEL §5.1] */
export const celContents: ReadonlyMap<number, string> = new Map([
  [4, 'cel'],
  [5, 'pcclient_std'],
  [7, 'ima_template'],
  [8, 'ima_tlv'],
]);

export interface CelRecord {
  readonly register: { readonly kind: 'pcr' | 'nv'; readonly index: number };
  readonly digests: ReadonlyMap<HashAlgorithm, Uint8Array>;
  readonly content: string;
  /** Of `pcclient_std` only. */
  readonly eventType?: number;
  readonly data: Uint8Array;
  /** Of content `systemd` only. */
  readonly userspace?: UserspaceContent;
  readonly at: number;
}

/** Contents that are not events of firmware get a type of their own, beyond the 32 bits of firmware's types. */
const otherContents = 0x1_0000_0000;

/** Records of NV indices are left out: no PCR follows from them. A management record without digests extends nothing. */
export function toLogEvents(records: readonly CelRecord[]): {
  readonly events: readonly LogEvent[];
  readonly quirks: readonly AppliedQuirk[];
} {
  const events = records.filter(({ register }) => register.kind === 'pcr').map(toLogEvent);
  const left = records.length - events.length;
  if (left === 0) return { events, quirks: [] };
  return { events, quirks: [{ id: 'nv-index-records', detail: `${left} records of NV indices are left out` }] };
}

function toLogEvent(record: CelRecord, index: number): LogEvent {
  const { register, digests, data, userspace, at } = record;
  const type = typeOf(record);
  return {
    index,
    pcr: register.index,
    untrustedType: type,
    ...(type < otherContents ? {} : { untrustedKind: `CEL ${record.content}` }),
    digests,
    untrustedData: data,
    offset: at,
    ...(userspace ? { userspace } : {}),
  };
}

function typeOf({ content, eventType, digests }: CelRecord): number {
  if (content === 'pcclient_std' && eventType !== undefined) return eventType;
  const isSilent = [...digests.values()].every((digest) => digest.every((byte) => byte === 0));
  if (content === 'cel' && isSilent) return eventTypes.EV_NO_ACTION;
  return otherContents + ([...celContents].find(([, name]) => name === content)?.[0] ?? 0);
}

export function malformed(message: string, at?: ErrorLocation): MalformedError {
  return new MalformedError('EVENT_LOG_CEL_INVALID', message, at === undefined ? {} : { at });
}

/** Algorithms that we cannot compute are passed over; a known one has its size, and none comes twice. */
export function collectDigests(
  pairs: readonly (readonly [string | undefined, Uint8Array])[],
  at: number,
): ReadonlyMap<HashAlgorithm, Uint8Array> {
  const digests = new Map<HashAlgorithm, Uint8Array>();
  for (const [name, value] of pairs) {
    if (name === undefined || !isHashAlgorithm(name)) continue;
    if (digests.has(name)) throw malformed(`digest of ${name} twice`, at);
    if (value.length !== digestSizes[name]) throw malformed(`${name} digest of ${value.length} bytes`, at);
    digests.set(name, value);
  }
  return digests;
}

export function checkIndex(value: unknown, at: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw malformed('a register index is no unsigned 32-bit number', at);
  }
  return value;
}
