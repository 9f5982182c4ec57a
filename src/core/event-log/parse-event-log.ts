// The door for the bytes of a boot log. Format is told by the first bytes; a wrong guess cannot replay.
import { MalformedError } from '../error.ts';
import type { HashAlgorithm } from '../crypto/index.ts';
import { bounds } from './bounds.ts';
import type {
  AppliedQuirk,
  ClaimedEventLog,
  LogEvent,
  ParseEventLogOptions,
  RegisterModel,
  SpecId,
} from './claimed-log.ts';
import { eventTypes } from './event-types.table.ts';
import { banksByStrength, hashByIdentifier } from './hash-identifiers.table.ts';
import { parseTcgLog, type TcgLog } from './parse-tcg-log.ts';
import { readStartupLocality } from './startup-locality.ts';
import { decodeAscii } from './text.ts';

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
  // Plain bytes, not a Buffer: the views that events keep must behave as Uint8Array does.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return claim(parseTcgLog(plain, options.maxEvents ?? bounds.events));
}

function claim(log: TcgLog): ClaimedEventLog {
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
  return {
    ...log,
    registers,
    banks,
    announcedBanks,
    startupLocality: startup.startupLocality,
    quirks: [...log.quirks, ...startup.quirks, ...describeIncompleteBanks(announcedBanks, banks)],
  };
}

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

function readAnnouncedBanks({ events, specId }: TcgLog): readonly HashAlgorithm[] {
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
