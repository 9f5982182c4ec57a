// EFI_DEVICE_PATH_PROTOCOL as text. No digest of an image load covers it: for people only. [UEFI §10.3]
import { Cursor } from '../../encoding/index.ts';
import { MalformedError } from '../../error.ts';
import { bounds } from '../bounds.ts';
import { formatGuid } from './guid.ts';
import { decodeUtf16, withoutTrailingNul } from '../events/text.ts';

/** Nodes as text, joined by `/`. A node that claims to be shorter than its own header is refused: a reader would never get past it.
 * @throws MalformedError EVENT_LOG_DEVICE_PATH_INVALID */
export function parseDevicePath(bytes: Uint8Array): string {
  const cursor = new Cursor(bytes, {
    endianness: 'little',
    truncated: 'EVENT_LOG_DEVICE_PATH_INVALID',
    trailing: 'EVENT_LOG_DEVICE_PATH_INVALID',
  });
  const nodes: string[] = [];
  while (cursor.remaining > 0) {
    const at = cursor.offset;
    const type = cursor.u8('node type');
    const subtype = cursor.u8('node subtype');
    const length = cursor.u16('node length');
    if (length < 4 || nodes.length >= bounds.devicePathNodes) {
      throw new MalformedError('EVENT_LOG_DEVICE_PATH_INVALID', `node ${nodes.length} with ${length} bytes`, { at });
    }
    const body = cursor.bytes(length - 4, 'node');
    if (type === 0x7f && subtype === 0xff) break;
    nodes.push(formatNode(type, subtype, body));
  }
  return nodes.join('/');
}

function formatNode(type: number, subtype: number, body: Uint8Array): string {
  const key = `${type}.${subtype}`;
  if (key === '1.1' && body.length === 2) return `Pci(${body[1] ?? 0},${body[0] ?? 0})`;
  if (key === '2.1' && body.length === 8)
    return `Acpi(${littleEndian(body.subarray(0, 4))},${littleEndian(body.subarray(4))})`;
  if (key === '4.1' && body.length === 38) {
    return `HD(${littleEndian(body.subarray(0, 4))},${formatGuid(body.subarray(20, 36))})`;
  }
  if (key === '4.4') return `File(${withoutTrailingNul(decodeUtf16(body))})`;
  if ((key === '4.6' || key === '4.7' || key === '4.3' || key === '1.4' || key === '3.10') && body.length >= 16) {
    const names: Readonly<Record<string, string>> = { '4.6': 'FvFile', '4.7': 'Fv', '1.4': 'VenHw', '3.10': 'VenMsg' };
    return `${names[key] ?? 'VenMedia'}(${formatGuid(body.subarray(0, 16))})`;
  }
  return `Node(${type},${subtype})`;
}

function littleEndian(bytes: Uint8Array): string {
  return `0x${bytes.reduceRight((value, byte) => value * 256 + byte, 0).toString(16)}`;
}
