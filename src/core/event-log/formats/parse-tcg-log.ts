// Logs of firmware: TCG_PCR_EVENT (SHA-1) and TCG_PCR_EVENT2 (crypto-agile). Little-endian throughout. [TCG-PFP §10.2]
import { MalformedError } from '../../error.ts';
import { digestSizes, type HashAlgorithm } from '../../crypto/index.ts';
import { Cursor } from '../../encoding/index.ts';
import { bounds } from '../bounds.ts';
import type { AppliedQuirk, LogEvent, SpecId } from '../claimed-log.ts';
import { eventTypes } from '../events/event-types.table.ts';
import { foreignIdentifiers, hashByIdentifier } from './hash-identifiers.table.ts';
import { isAgileSpecId, parseSpecId } from './spec-id.ts';

export interface TcgLog {
  readonly format: 'crypto-agile' | 'sha1';
  readonly events: readonly LogEvent[];
  readonly specId?: SpecId;
  readonly quirks: readonly AppliedQuirk[];
}

/** What the Spec ID record announces of an algorithm, by its identifier. */
type Announced = ReadonlyMap<number, { readonly digestSize: number; readonly bit: number }>;

const endOfLog = 0xffffffff;

/** The first record has the SHA-1 shape in every log; a Spec ID record in it says whether the rest is crypto-agile.
 * @throws MalformedError EVENT_LOG_TRUNCATED, EVENT_LOG_EVENT_TOO_LARGE, EVENT_LOG_TOO_MANY_EVENTS, EVENT_LOG_DIGESTS_INVALID, EVENT_LOG_SPEC_ID_INVALID, EVENT_LOG_DIGEST_SIZE_WRONG */
export function parseTcgLog(bytes: Uint8Array, maxEvents: number): TcgLog {
  const cursor = new Cursor(bytes, {
    endianness: 'little',
    truncated: 'EVENT_LOG_TRUNCATED',
    trailing: 'EVENT_LOG_TRUNCATED',
  });
  const paddingStart = findPadding(bytes);
  const first = readEvent(cursor, 0, undefined);
  const isAgile = first.untrustedType === eventTypes.EV_NO_ACTION && isAgileSpecId(first.untrustedData);
  const afterFirst = cursor.position;
  const specId = isAgile ? parseSpecId(first.untrustedData, first.offset + 32, cursor) : undefined;
  const isOutside = cursor.position > afterFirst;
  const announced: Announced | undefined =
    specId && new Map(specId.algorithms.map(({ id, digestSize }, place) => [id, { digestSize, bit: 1 << place }]));
  const events = [first];
  while (cursor.remaining > 0 && cursor.position < paddingStart) {
    if (events.length >= maxEvents) {
      throw new MalformedError('EVENT_LOG_TOO_MANY_EVENTS', `more than ${maxEvents} events`, { at: cursor.offset });
    }
    events.push(readEvent(cursor, events.length, announced));
  }
  const quirks = [...(isOutside ? [vendorInfoOutside] : []), ...describePadding(cursor.remaining, bytes.at(-1) ?? 0)];
  return { format: isAgile ? 'crypto-agile' : 'sha1', events, quirks, ...(specId ? { specId } : {}) };
}

const vendorInfoOutside: AppliedQuirk = {
  id: 'vendor-info-outside',
  detail: 'the size of the Spec ID record leaves out its vendor information',
  event: 0,
};

/** Start of the run of equal bytes, 0x00 or 0xFF, that ends the input. Found once, so that reading stays linear. */
function findPadding(bytes: Uint8Array): number {
  const fill = bytes.at(-1);
  if (fill !== 0x00 && fill !== 0xff) return bytes.length;
  let start = bytes.length;
  while (start > 0 && bytes[start - 1] === fill) start -= 1;
  return start;
}

function describePadding(length: number, fill: number): readonly AppliedQuirk[] {
  if (length === 0) return [];
  return [{ id: 'trailing-padding', detail: `${length} bytes of 0x${fill === 0 ? '00' : 'ff'} after the last record` }];
}

type Digests = Pick<LogEvent, 'digests' | 'foreignDigests'>;

/** One record: TCG_PCR_EVENT2 with the announced algorithms; TCG_PCR_EVENT, with one SHA-1 digest, where none are. */
function readEvent(cursor: Cursor, index: number, announced: Announced | undefined): LogEvent {
  const offset = cursor.offset;
  const pcr = cursor.u32('pcrIndex');
  const untrustedType = cursor.u32('eventType');
  if (pcr === endOfLog && untrustedType === endOfLog) {
    throw new MalformedError('EVENT_LOG_TRAILING_BYTES', 'other bytes follow the record of all ones that ends a log', {
      at: offset,
    });
  }
  const { digests, foreignDigests } = announced ? readDigests(cursor, announced) : readSha1Digest(cursor);
  const untrustedData = readData(cursor);
  const event = { index, pcr, untrustedType, digests, untrustedData, offset };
  return foreignDigests === undefined ? event : { ...event, foreignDigests };
}

function readSha1Digest(cursor: Cursor): Digests {
  return { digests: new Map([['sha1', cursor.bytes(digestSizes.sha1, 'SHA-1 digest')]]) };
}

/** Each algorithm at most once, each announced by the Spec ID record, at least one. */
function readDigests(cursor: Cursor, announced: Announced): Digests {
  const at = cursor.offset;
  const count = cursor.u32('digestCount');
  if (count < 1 || count > announced.size) {
    throw new MalformedError('EVENT_LOG_DIGESTS_INVALID', `${count} digests, ${announced.size} algorithms announced`, {
      at,
    });
  }
  let seen = 0;
  const digests = new Map<HashAlgorithm, Uint8Array>();
  let foreign: Uint8Array | undefined;
  for (let index = 0; index < count; index += 1) {
    const id = cursor.u16('digest algorithm');
    const algorithm = announced.get(id);
    if (algorithm === undefined || (seen & algorithm.bit) !== 0) {
      const problem = algorithm === undefined ? 'not announced' : 'twice';
      throw new MalformedError('EVENT_LOG_DIGESTS_INVALID', `digest of algorithm 0x${id.toString(16)} ${problem}`, {
        at,
      });
    }
    seen |= algorithm.bit;
    const digest = cursor.bytes(algorithm.digestSize, 'digest');
    const name = hashByIdentifier(id);
    if (name !== undefined) digests.set(name, digest);
    if (id === foreignIdentifiers.sm3_256) foreign = digest;
  }
  return foreign === undefined ? { digests } : { digests, foreignDigests: new Map([['sm3_256', foreign]]) };
}

function readData(cursor: Cursor): Uint8Array {
  const at = cursor.offset;
  const size = cursor.u32('eventSize');
  if (size > bounds.eventDataBytes && size <= cursor.remaining) {
    throw new MalformedError('EVENT_LOG_EVENT_TOO_LARGE', `event data of ${size} bytes`, { at });
  }
  return cursor.bytes(size, 'event data');
}
