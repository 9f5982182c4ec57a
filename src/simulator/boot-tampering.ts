// Boots that are measured honestly and are not what the operators signed. Works on synthetic boots and on captures: the
// event to change is found by what it is, never by its position.
import { concatBytes, decodeUtf8, encodeUtf8 } from '../core/encoding/index.ts';
import { eventTypes, guids, encodeUefiVariable, type EventToEncode } from '../core/event-log/index.ts';
import { application, commandLinePrefix } from './paper-boot.ts';
import type { Tampering } from './tampering.ts';

type Events = readonly EventToEncode[];
type Change = (events: Events) => Events;

const addedParameter = 'init=/bin/sh';

export const bootChanges: Readonly<Partial<Record<Tampering, Change>>> = {
  'changed-command-line': (events) => {
    const commandLine = readCommandLine(find(events, isCommandLine, 0));
    return events.map((event) => withCommandLine(event, commandLine, `${commandLine} ${addedParameter}`));
  },
  'edited-event-data': (events) =>
    changeFirst(events, isCommandLine, (event) =>
      measuredAs(event, encodeUtf8(`${readCommandLine(event)} ${addedParameter}`)),
    ),
  'secure-boot-disabled': (events) =>
    changeFirst(events, isSecureBootState, (event) => {
      const data = encodeUefiVariable({ guid: guids.globalVariable, name: 'SecureBoot', data: Uint8Array.of(0) });
      return measuredAs(event, data, data);
    }),
  'changed-boot-loader': (events) => changeNth(events, isApplication, -2, rebuilt),
  'changed-kernel': (events) => changeNth(events, isApplication, -1, rebuilt),
  'changed-initrd': (events) => changeFirst(events, isInitrd, rebuilt),
  'changed-firmware': (events) => changeFirst(events, isFirmwareBlob, rebuilt),
  'additional-event': (events) => {
    const last = events.findLastIndex(isApplication);
    return [...events.slice(0, last + 1), application('bootkit', '\\EFI\\evil.efi'), ...events.slice(last + 1)];
  },
};

export function isCommandLine(event: EventToEncode): boolean {
  return event.type === eventTypes.EV_IPL && startsWith(event.data, commandLinePrefix);
}

function readCommandLine(event: EventToEncode): string {
  return decodeUtf8(event.data).slice(commandLinePrefix.length).replace(/\0$/, '');
}

/** GRUB measures the command line in every command that mentions it, each without its prefix. */
function withCommandLine(event: EventToEncode, before: string, after: string): EventToEncode {
  if (event.pcr !== 8 || event.type !== eventTypes.EV_IPL) return event;
  const text = new TextDecoder().decode(event.data);
  if (!text.includes(before)) return event;
  const changed = text.replace(before, after);
  return measuredAs(event, encodeUtf8(changed.replace(grubPrefix, '').replace(/\0$/, '')), encodeUtf8(changed));
}

const grubPrefix = /^(?:grub_cmd|kernel_cmdline): /;

function isSecureBootState(event: EventToEncode): boolean {
  const name = encodeUefiVariable({ guid: guids.globalVariable, name: 'SecureBoot', data: Uint8Array.of(0) });
  return (
    event.type === eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG &&
    event.data.length === name.length &&
    name.subarray(0, -1).every((byte, index) => byte === event.data[index])
  );
}

function isApplication(event: EventToEncode): boolean {
  return event.pcr === 4 && event.type === eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION;
}

function isInitrd(event: EventToEncode): boolean {
  return event.pcr === 9 && event.type === eventTypes.EV_IPL && /initr/.test(new TextDecoder().decode(event.data));
}

function isFirmwareBlob(event: EventToEncode): boolean {
  const types: readonly number[] = [
    eventTypes.EV_EFI_PLATFORM_FIRMWARE_BLOB,
    eventTypes.EV_EFI_PLATFORM_FIRMWARE_BLOB2,
  ];
  return event.pcr === 0 && types.includes(event.type);
}

/** Another build of the same thing: other digests, the same data. */
function rebuilt(event: EventToEncode): EventToEncode {
  const before = event.measured ?? event.digests?.get('sha256') ?? event.data;
  return measuredAs(event, concatBytes(encodeUtf8('another build of '), before));
}

function measuredAs(event: EventToEncode, measured: Uint8Array, data = event.data): EventToEncode {
  return { pcr: event.pcr, type: event.type, data, measured };
}

function changeFirst(
  events: Events,
  is: (event: EventToEncode) => boolean,
  change: (event: EventToEncode) => EventToEncode,
): Events {
  return changeNth(events, is, 0, change);
}

/** Changes the nth event of a kind, counted from the end where negative. */
function changeNth(
  events: Events,
  is: (event: EventToEncode) => boolean,
  nth: number,
  change: (event: EventToEncode) => EventToEncode,
): Events {
  const chosen = find(events, is, nth);
  return events.map((event) => (event === chosen ? change(event) : event));
}

function find(events: Events, is: (event: EventToEncode) => boolean, nth: number): EventToEncode {
  const chosen = events.filter(is).at(nth);
  if (chosen === undefined) throw new TypeError('this boot has no such event to tamper with');
  return chosen;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return encodeUtf8(text).every((byte, index) => byte === bytes[index]);
}
