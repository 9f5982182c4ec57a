// Event data -> what it says, chosen by the type that the log claims. Proves nothing; undefined where the data does not
// have the shape of its type.
import { Cursor } from '../../encoding/index.ts';
import { attempt } from '../attempt.ts';
import { decodeIpl } from './boot-loader-event.ts';
import type { LogEvent } from '../claimed-log.ts';
import type { DecodedEvent } from './decoded-event.ts';
import { parseDevicePath } from '../uefi/device-path.ts';
import { eventTypes } from './event-types.table.ts';
import { parseGpt } from '../uefi/gpt.ts';
import { formatGuid } from '../uefi/guid.ts';
import { isSipaIdentifier, parseSipa } from './sipa.ts';
import { readNoActionSignature } from '../formats/spec-id.ts';
import { isKnownTag, readTaggedEvent, readTagText } from './tagged-event.ts';
import { decodeAscii, decodeUtf16, isAsciiText, isUtf16Text, trimNul, withoutTrailingNul } from './text.ts';
import { parseUefiVariable } from '../uefi/uefi-variable.ts';

/** Reads the data by the type that the event claims, else as text. Undefined where it is neither: no error of the log, since a digest may
 * cover data that nobody can read. */
export function decodeEvent({
  untrustedType,
  untrustedData,
}: Pick<LogEvent, 'untrustedType' | 'untrustedData'>): DecodedEvent | undefined {
  return attempt(() => decoders.get(untrustedType)?.(untrustedData) ?? decodeText(untrustedData));
}

type Decoder = (data: Uint8Array) => DecodedEvent | undefined;

const decoders: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [eventTypes.EV_NO_ACTION, (data) => ({ kind: 'no-action', signature: readNoActionSignature(data) })],
  [eventTypes.EV_SEPARATOR, decodeSeparator],
  [eventTypes.EV_ACTION, decodeAction],
  [eventTypes.EV_EFI_ACTION, decodeAction],
  [eventTypes.EV_S_CRTM_VERSION, decodeVersion],
  [eventTypes.EV_EVENT_TAG, decodeTagged],
  [eventTypes.EV_IPL, decodeIpl],
  [eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG, decodeVariable],
  [eventTypes.EV_EFI_VARIABLE_BOOT, decodeVariable],
  [eventTypes.EV_EFI_VARIABLE_BOOT2, decodeVariable],
  [eventTypes.EV_EFI_VARIABLE_AUTHORITY, decodeVariable],
  [eventTypes.EV_EFI_SPDM_DEVICE_POLICY, decodeVariable],
  [eventTypes.EV_EFI_SPDM_DEVICE_AUTHORITY, decodeVariable],
  [eventTypes.EV_EFI_GPT_EVENT, parseGpt],
  [eventTypes.EV_EFI_GPT_EVENT2, parseGpt],
  [eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION, decodeImage],
  [eventTypes.EV_EFI_BOOT_SERVICES_DRIVER, decodeImage],
  [eventTypes.EV_EFI_RUNTIME_SERVICES_DRIVER, decodeImage],
  [eventTypes.EV_EFI_PLATFORM_FIRMWARE_BLOB, (data) => decodeBlob(data, { isDescribed: false })],
  [eventTypes.EV_EFI_PLATFORM_FIRMWARE_BLOB2, (data) => decodeBlob(data, { isDescribed: true })],
  [
    eventTypes.EV_POST_CODE,
    (data) => (isAsciiText(data) ? decodeText(data) : decodeBlob(data, { isDescribed: false })),
  ],
  [eventTypes.EV_EFI_HANDOFF_TABLES, (data) => decodeTables(data, { isDescribed: false })],
  [eventTypes.EV_EFI_HANDOFF_TABLES2, (data) => decodeTables(data, { isDescribed: true })],
]);

function decodeSeparator(data: Uint8Array): DecodedEvent | undefined {
  if (data.length === 4 && (data.every((byte) => byte === 0) || data.every((byte) => byte === 0xff))) {
    return { kind: 'separator', value: 'normal' };
  }
  if (data.length === 4 && data[0] === 1 && data.subarray(1).every((byte) => byte === 0)) {
    return { kind: 'separator', value: 'error' };
  }
  return { kind: 'separator', value: 'vendor' };
}

function decodeAction(data: Uint8Array): DecodedEvent {
  return { kind: 'action', text: decodeAscii(trimNul(data)) };
}

/** A UTF-16 text with NUL, or 16 bytes of GUID. Some vendors write ASCII. */
function decodeVersion(data: Uint8Array): DecodedEvent | undefined {
  if (isUtf16Text(data) || (data.length === 2 && trimNul(data).length === 0)) {
    return { kind: 'firmware-version', text: withoutTrailingNul(decodeUtf16(data)) };
  }
  if (isAsciiText(data)) return { kind: 'firmware-version', text: decodeAscii(trimNul(data)) };
  return data.length === 16 ? { kind: 'firmware-version', text: formatGuid(data) } : undefined;
}

function decodeTagged(data: Uint8Array): DecodedEvent | undefined {
  const tagged = readTaggedEvent(data);
  if (!tagged) return { kind: 'windows', measurements: parseSipa(data) };
  const { tag, content } = tagged;
  // Some tags of systemd have the bit that marks a container of Windows: those that are known come first.
  if (!isKnownTag(tag) && isSipaIdentifier(tag)) return { kind: 'windows', measurements: parseSipa(data) };
  const text = readTagText(content);
  return { kind: 'tagged', tag, content, ...(text === undefined ? {} : { text }) };
}

function decodeVariable(data: Uint8Array): DecodedEvent {
  const { guid, name, data: value } = parseUefiVariable(data);
  return { kind: 'uefi-variable', guid, name, data: value };
}

function littleEndian(data: Uint8Array): Cursor {
  return new Cursor(data, {
    endianness: 'little',
    truncated: 'EVENT_LOG_DATA_INVALID',
    trailing: 'EVENT_LOG_DATA_INVALID',
  });
}

/** EFI_IMAGE_LOAD_EVENT. [TCG-PFP §10.2.3] */
function decodeImage(data: Uint8Array): DecodedEvent {
  const cursor = littleEndian(data);
  cursor.u64('ImageLocationInMemory');
  const imageLength = cursor.u64('ImageLengthInMemory');
  cursor.u64('ImageLinkTimeAddress');
  const pathLength = cursor.u64('LengthOfDevicePath');
  const path = cursor.bytes(pathLength > BigInt(data.length) ? data.length : Number(pathLength), 'DevicePath');
  return { kind: 'image', devicePath: parseDevicePath(path), imageLength };
}

/** The second version of a structure begins with a description. */
interface Version {
  readonly isDescribed: boolean;
}

function decodeBlob(data: Uint8Array, { isDescribed }: Version): DecodedEvent {
  const cursor = littleEndian(data);
  const described = isDescribed ? readDescription(cursor) : {};
  const blob = { base: cursor.u64('BlobBase'), length: cursor.u64('BlobLength') };
  cursor.end('firmware blob');
  return { kind: 'firmware-blob', ...blob, ...described };
}

function readDescription(cursor: Cursor): { readonly description: string } {
  const description = decodeAscii(cursor.bytes(cursor.u8('description length'), 'description'));
  return { description: withoutTrailingNul(description) };
}

/** EFI_HANDOFF_TABLE_POINTERS and its second version. [TCG-PFP §10.2.4] */
function decodeTables(data: Uint8Array, { isDescribed }: Version): DecodedEvent {
  const cursor = littleEndian(data);
  const described = isDescribed ? readDescription(cursor) : {};
  const count = cursor.u64('NumberOfTables');
  cursor.checkCount(count > 0xffffn ? 0xffff : Number(count), 24, 'tables');
  const tables = Array.from({ length: Number(count) }, () => {
    const guid = formatGuid(cursor.bytes(16, 'VendorGuid'));
    cursor.u64('VendorTable');
    return guid;
  });
  return { kind: 'tables', guids: tables, ...described };
}

function decodeText(data: Uint8Array): DecodedEvent | undefined {
  if (isAsciiText(data)) return { kind: 'text', text: decodeAscii(trimNul(data)) };
  return isUtf16Text(data) ? { kind: 'text', text: withoutTrailingNul(decodeUtf16(data)) } : undefined;
}
