// One line for people about one event. Printable whatever the bytes; says `(unverified)` where the digest does not cover it.
import { counted, encodeHex, printable } from '../../encoding/index.ts';
import { attempt } from '../attempt.ts';
import { parseLoadOption } from '../uefi/boot-option.ts';
import type { LogEvent } from '../claimed-log.ts';
import type { Coverage } from './coverage.table.ts';
import type { DecodedEvent, DecodedVariable, SipaMeasurement } from './decoded-event.ts';
import { typeNameOf } from './event-types.table.ts';
import { guids } from '../uefi/guid.ts';
import { parseSignatureDatabase, readAuthoritySignature } from '../uefi/signature-list.ts';
import { tags } from './tagged-event.ts';
import { decodeAscii, trimNul } from './text.ts';

export function describeEvent(
  event: LogEvent,
  decoded: DecodedEvent | undefined,
  coverage: Coverage | undefined,
): string {
  if (coverage === 'error-separator') return 'separator: the firmware reported an error';
  const text = printable(decoded ? describeDecoded(decoded, event.pcr) : describeBytes(event));
  return coverage === undefined ? `(unverified) ${text}` : text;
}

function describeBytes(event: LogEvent): string {
  const { untrustedData } = event;
  const type = typeNameOf(event);
  if (untrustedData.length === 0) return `${type}, no data`;
  const shown = encodeHex(untrustedData.subarray(0, 32));
  return `${type}, ${untrustedData.length} bytes: ${shown}${untrustedData.length > 32 ? '...' : ''}`;
}

function describeDecoded(decoded: DecodedEvent, pcr: number): string {
  switch (decoded.kind) {
    case 'separator':
      return decoded.value === 'normal' ? 'separator' : `separator (${decoded.value})`;
    case 'uefi-variable':
      return describeVariable(decoded);
    case 'image':
      return decoded.devicePath === ''
        ? `image of ${decoded.imageLength} bytes, loaded from memory`
        : `image ${decoded.devicePath}`;
    case 'gpt':
      return `partition table of disk ${decoded.diskGuid}: ${decoded.partitions.map(({ name }) => name || 'unnamed').join(', ')}`;
    case 'ipl':
      return describeIpl(decoded.prefix === undefined ? decoded.text : `${decoded.prefix}: ${decoded.text}`, pcr);
    case 'tagged':
      return describeTag(decoded.tag, decoded.text);
    case 'firmware-version':
      return `firmware version ${decoded.text === '' ? '(empty)' : decoded.text}`;
    case 'firmware-blob':
      return `firmware ${decoded.description ?? 'volume'} at 0x${decoded.base.toString(16)}, ${decoded.length} bytes`;
    case 'tables':
      return `tables ${[decoded.description, ...decoded.guids].filter((part) => part !== undefined).join(' ')}`;
    case 'no-action':
      return decoded.signature;
    case 'windows':
      return decoded.measurements.map(describeMeasurement).join('; ');
    case 'action':
    case 'text':
      return decoded.text;
  }
}

function describeIpl(text: string, pcr: number): string {
  return pcr === 14 ? `shim variable ${text}` : text;
}

function describeTag(tag: number, text: string | undefined): string {
  const known = tagTitles.get(tag);
  if (tag === tags.linuxInitrd || tag === tags.linuxLoadOptions) return known ?? '';
  return `${known ?? `tag 0x${tag.toString(16)}`}${text === undefined ? '' : `: ${text}`}`;
}

const tagTitles: ReadonlyMap<number, string> = new Map([
  [tags.linuxInitrd, 'initrd, as the kernel loaded it'],
  [tags.linuxLoadOptions, 'kernel command line, as the kernel received it'],
  [tags.loaderConfiguration, 'configuration of systemd-boot'],
  [tags.addonDeviceTree, 'device tree of an add-on'],
  [tags.addonInitrd, 'initrd of an add-on'],
  [tags.addonMicrocode, 'microcode of an add-on'],
  [tags.smbiosSystem, 'SMBIOS of the system'],
  [tags.smbiosBoard, 'SMBIOS of the board'],
  [tags.smbiosOem, 'SMBIOS texts of the maker'],
]);

function describeMeasurement({ name, value, nested }: SipaMeasurement): string {
  if (nested) return `${name} {${nested.map(describeMeasurement).join(' ')}}`;
  return value.length <= 8 ? `${name}=${encodeHex(value)}` : name;
}

function describeVariable({ name, guid, data }: DecodedVariable): string {
  if (name === 'SecureBoot' && guid === guids.globalVariable) return `SecureBoot = ${describeSwitch(data)}`;
  if (name === 'SbatLevel') return `SbatLevel = ${decodeAscii(trimNul(data)).trim().replaceAll('\n', ' ')}`;
  if (name === 'BootOrder') return `BootOrder = ${readBootOrder(data).map(formatBootNumber).join(', ')}`;
  const holdsSignatures = guid === guids.imageSecurityDatabase || guid === guids.shimLock || /^(?:PK|KEK)$/.test(name);
  const holdsOption = /^(?:Boot|Driver|SysPrep|OsRecovery)[0-9A-F]{4}$/i.test(name);
  const read = holdsSignatures ? describeSignatures(data) : holdsOption ? describeLoadOption(data) : undefined;
  return `${name} = ${read ?? (data.length === 0 ? '(empty)' : `${data.length} bytes`)}`;
}

function describeSwitch(data: Uint8Array): string {
  if (data.length === 0) return '(empty)';
  return data.length === 1 ? (data[0] === 1 ? 'enabled' : 'disabled') : encodeHex(data);
}

export function readBootOrder(data: Uint8Array): readonly number[] {
  return Array.from(
    { length: data.length >> 1 },
    (_, index) => (data[index * 2] ?? 0) | ((data[index * 2 + 1] ?? 0) << 8),
  );
}

/** As in `Boot0001`: four hexadecimal digits. [UEFI §3.1.3] */
export function formatBootNumber(number: number): string {
  return number.toString(16).padStart(4, '0').toUpperCase();
}

function describeSignatures(data: Uint8Array): string | undefined {
  if (data.length < 28) return undefined;
  const entries = attempt(() => parseSignatureDatabase(data).entries);
  if (entries === undefined) {
    const signature = attempt(() => readAuthoritySignature(data));
    return signature && `${signature.type} ${encodeHex(signature.sha256.value).slice(0, 16)}`;
  }
  const certificates = entries.filter(({ type }) => type === 'x509').length;
  const others = entries.length - certificates;
  return [
    certificates > 0 ? counted(certificates, 'certificate') : '',
    others > 0 ? counted(others, 'hash', 'hashes') : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function describeLoadOption(data: Uint8Array): string | undefined {
  const option = attempt(() => parseLoadOption(data));
  return option && `${option.description} ${option.devicePath}`;
}
