// The door for the bytes of a boot log. Its first bytes tell the format; a log that is read in the wrong one cannot replay.
import { counted } from '../../encoding/index.ts';
import { MalformedError } from '../../error.ts';
import type { HashAlgorithm } from '../../crypto/index.ts';
import { bounds } from '../bounds.ts';
import type {
  AppliedQuirk,
  ClaimedEventLog,
  EventLogFormat,
  LogEvent,
  ParseEventLogOptions,
  RegisterModel,
  SpecId,
} from '../claimed-log.ts';
import { eventTypes } from '../events/event-types.table.ts';
import { banksByStrength, foreignIdentifiers, hashByIdentifier } from './hash-identifiers.table.ts';
import { toLogEvents, type CelRecord } from './cel-record.ts';
import { isCelCbor, parseCelCbor } from './parse-cel-cbor.ts';
import { isCelJson, parseCelJson } from './parse-cel-json.ts';
import { isCelTlv, parseCelTlv } from './parse-cel-tlv.ts';
import { parseTcgLog } from './parse-tcg-log.ts';
import { readStartupLocality } from './startup-locality.ts';
import { decodeAscii } from '../events/text.ts';

/** Bytes of a boot log -> what it claims. Proves nothing: `verifyEventLog` does.
 * @throws MalformedError EVENT_LOG_* with the byte offset of the problem */
export function parseEventLog(bytes: Uint8Array, options: ParseEventLogOptions = {}): ClaimedEventLog {
  const maxBytes = options.maxBytes ?? bounds.logBytes;
  if (bytes.length === 0) throw new MalformedError('EVENT_LOG_EMPTY', 'the log has no bytes', { at: 0 });
  if (bytes.length > maxBytes) {
    throw new MalformedError('EVENT_LOG_TOO_LARGE', `log of ${bytes.length} bytes; at most ${maxBytes} are read`, {
      at: maxBytes,
    });
  }
  // A plain Uint8Array: events keep views on it, and `slice` of a Buffer would be a view again where a Uint8Array gives a copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return claimRecords(readRecords(plain, options.maxEvents ?? bounds.events));
}

export interface RecordsOfLog {
  readonly format: EventLogFormat;
  readonly events: readonly LogEvent[];
  readonly specId?: SpecId;
  readonly quirks: readonly AppliedQuirk[];
}

function readRecords(bytes: Uint8Array, maxEvents: number): RecordsOfLog {
  const canonical = (format: EventLogFormat, records: readonly CelRecord[]): RecordsOfLog => ({
    format,
    ...toLogEvents(records),
  });
  if (isCelJson(bytes)) return canonical('cel-json', parseCelJson(bytes, maxEvents));
  if (isCelTlv(bytes)) return canonical('cel-tlv', parseCelTlv(bytes, maxEvents));
  if (isCelCbor(bytes)) return canonical('cel-cbor', parseCelCbor(bytes, maxEvents));
  return parseTcgLog(bytes, maxEvents);
}

/** Banks, registers and startup of records, from the records alone. */
function claimRecords(log: RecordsOfLog): ClaimedEventLog {
  const registers = readRegisterModel(log);
  checkRegisters(log.events, registers);
  const announcedBanks = readAnnouncedBanks(log);
  const banks = announcedBanks.filter((bank) =>
    log.events.every((event) => !isExtended(event) || event.digests.has(bank)),
  );
  const startup =
    registers === 'tpm'
      ? readStartupLocality(log.events)
      : { startupLocality: undefined, quirks: [] as AppliedQuirk[] };
  const { format, events, specId } = log;
  const { startupLocality } = startup;
  const isShown = specId?.algorithms.some(({ id }) => id === foreignIdentifiers.sm3_256) === true;
  const foreignBanks: ClaimedEventLog['foreignBanks'] = isShown ? ['sm3_256'] : [];
  const quirks = [
    ...log.quirks,
    ...startup.quirks,
    ...describeInformative(events),
    ...describeIncompleteBanks(announcedBanks, banks),
  ];
  const claims = { format, registers, banks, announcedBanks, foreignBanks, events, startupLocality, quirks };
  return specId === undefined ? claims : { ...claims, specId };
}

/** Whether the record claims to extend its register. */
export function isExtended(event: LogEvent): boolean {
  return event.untrustedType !== eventTypes.EV_NO_ACTION;
}

/** A confidential guest's log (CCEL) numbers its registers from 1, and its first record has that number; td-shim gives its
 * name instead. [UEFI §38.4] */
function readRegisterModel({ events, specId }: { events: readonly LogEvent[]; specId?: SpecId }): RegisterModel {
  if (specId === undefined) return 'tpm';
  const isTdShim = decodeAscii(specId.vendorInfo).startsWith('td-shim');
  return isTdShim || events[0]?.pcr === 1 ? 'confidential-guest' : 'tpm';
}

/** The index of an extended record is used to look up a register: it must be one. */
function checkRegisters(events: readonly LogEvent[], registers: RegisterModel): void {
  const last = registers === 'tpm' ? 23 : 4;
  const wrong = events.find((event) => isExtended(event) && event.pcr > last);
  if (wrong) {
    throw new MalformedError('EVENT_LOG_REGISTER_INVALID', `event ${wrong.index} extends register ${wrong.pcr}`, {
      at: wrong.offset,
    });
  }
}

function readAnnouncedBanks({ events, specId }: RecordsOfLog): readonly HashAlgorithm[] {
  const announced = new Set<HashAlgorithm>();
  if (specId) {
    for (const { id } of specId.algorithms) {
      const bank = hashByIdentifier(id);
      if (bank !== undefined) announced.add(bank);
    }
  } else {
    for (const { digests } of events) for (const bank of digests.keys()) announced.add(bank);
  }
  return banksByStrength.filter((bank) => announced.has(bank)).reverse();
}

function describeIncompleteBanks(announced: readonly HashAlgorithm[], whole: readonly HashAlgorithm[]): AppliedQuirk[] {
  return announced
    .filter((bank) => !whole.includes(bank))
    .map((bank) => ({
      id: 'incomplete-bank',
      detail: `${bank} is announced and some records carry no ${bank} digest`,
    }));
}

function describeInformative(events: readonly LogEvent[]): AppliedQuirk[] {
  const odd = events.filter((event) => !isExtended(event) && (event.pcr > 23 || !isSilent(event)));
  const [first] = odd;
  if (first === undefined) return [];
  const detail = `${counted(odd.length, 'informative record')} with a digest or a foreign register`;
  return [{ id: 'informative-register', detail, event: first.index }];
}

function isSilent({ digests }: LogEvent): boolean {
  return [...digests.values()].every((digest) => digest.every((byte) => byte === 0));
}
