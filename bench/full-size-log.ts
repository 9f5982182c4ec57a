// An event log of full size. Laboratories boot small machines; real ones have option ROMs, more boot entries, three
// certificates in db, and a dbx of several hundred hashes, which is most of the bytes.
import { createHash } from 'node:crypto';
import { concatBytes, encodeUtf8 } from '../src/core/encoding/index.ts';
import {
  encodeEventLog,
  encodeSignatureList,
  encodeUefiVariable,
  eventTypes,
  guids,
  type EventToEncode,
} from '../src/core/event-log/index.ts';
import { measureBoot, ordinaryBoot } from '../src/simulator/index.ts';

const owner = '77fa9abd-0359-4d32-bd60-28f4e78f784b';
const forbiddenHashes = 430;
const optionRoms = 14;
const bootEntries = 12;
const grubCommands = 36;

export function fullSizeLog(): Uint8Array {
  const [before, after] = splitAtSeparators(measureBoot(ordinaryBoot).map(grown));
  const events = [...before, ...roms(), ...entries(), ...after, ...commands()];
  return encodeEventLog(events, { banks: ['sha1', 'sha256'] });
}

/** The Secure Boot databases at the size that shipped machines have. */
function grown(event: EventToEncode): EventToEncode {
  const variable = (name: string, data: Uint8Array): EventToEncode => {
    const guid = guids.imageSecurityDatabase;
    return { pcr: 7, type: event.type, data: encodeUefiVariable({ guid, name, data }) };
  };
  const text = new TextDecoder('utf-16le').decode(event.data.subarray(32, 40));
  if (event.type !== eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG) return event;
  if (text.startsWith('dbx')) {
    const signatures = Array.from({ length: forbiddenHashes }, (_, index) => filler(`dbx ${index}`, 32));
    return variable('dbx', encodeSignatureList({ typeGuid: guids.certSha256, owner, signatures }));
  }
  if (!text.startsWith('db')) return event;
  const lists = ['one', 'two', 'three'].map((name) => {
    const certificate = concatBytes(Uint8Array.of(0x30, 0x82, 0x05, 0xac), filler(`db ${name}`, 1452));
    return encodeSignatureList({ typeGuid: guids.certX509, owner, signatures: [certificate] });
  });
  return variable('db', concatBytes(...lists));
}

function splitAtSeparators(
  events: readonly EventToEncode[],
): readonly [readonly EventToEncode[], readonly EventToEncode[]] {
  const position = events.findIndex(({ pcr, type }) => pcr === 0 && type === eventTypes.EV_SEPARATOR);
  return [events.slice(0, position), events.slice(position)];
}

function roms(): readonly EventToEncode[] {
  return Array.from({ length: optionRoms }, (_, index) => ({
    pcr: 2,
    type: eventTypes.EV_EFI_BOOT_SERVICES_DRIVER,
    data: concatBytes(new Uint8Array(24), Uint8Array.of(60, 0, 0, 0, 0, 0, 0, 0), devicePath(60)),
    measured: encodeUtf8(`option ROM ${index}`),
  }));
}

function devicePath(length: number): Uint8Array {
  const node = concatBytes(Uint8Array.of(4, 6, length - 4, 0), filler('path', length - 8));
  return concatBytes(node, Uint8Array.of(0x7f, 0xff, 4, 0));
}

function entries(): readonly EventToEncode[] {
  return Array.from({ length: bootEntries }, (_, index) => {
    const name = `Boot${String(index).padStart(4, '0')}`;
    const data = concatBytes(Uint8Array.of(1, 0, 0, 0), filler(name, 120));
    return {
      pcr: 1,
      type: eventTypes.EV_EFI_VARIABLE_BOOT,
      data: encodeUefiVariable({ guid: guids.globalVariable, name, data }),
      measured: data,
    };
  });
}

function commands(): readonly EventToEncode[] {
  return Array.from({ length: grubCommands }, (_, index) => {
    const text = `setparams entry ${index} (hd0,gpt2)/boot/vmlinuz-6.1.0 root=/dev/vda2 ro`;
    return { pcr: 8, type: eventTypes.EV_IPL, data: encodeUtf8(`grub_cmd: ${text}\0`), measured: encodeUtf8(text) };
  });
}

/** Bytes that look like nothing and are the same in every run. */
function filler(label: string, length: number): Uint8Array {
  return new Uint8Array(createHash('shake256', { outputLength: length }).update(label).digest());
}
