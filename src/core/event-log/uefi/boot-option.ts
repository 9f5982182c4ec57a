// EFI_LOAD_OPTION: the value of Boot####. [UEFI §3.1.3]
import { Cursor } from '../../encoding/index.ts';
import { MalformedError } from '../../error.ts';
import { parseDevicePath } from './device-path.ts';
import { decodeUtf16 } from '../events/text.ts';

export interface LoadOption {
  readonly description: string;
  readonly devicePath: string;
}

/** @throws MalformedError EVENT_LOG_LOAD_OPTION_INVALID, EVENT_LOG_DEVICE_PATH_INVALID */
export function parseLoadOption(value: Uint8Array): LoadOption {
  const cursor = new Cursor(value, {
    endianness: 'little',
    truncated: 'EVENT_LOG_LOAD_OPTION_INVALID',
    trailing: 'EVENT_LOG_LOAD_OPTION_INVALID',
  });
  cursor.u32('Attributes');
  const pathLength = cursor.u16('FilePathListLength');
  const rest = cursor.rest();
  let end = 0;
  while (end + 1 < rest.length && (rest[end] !== 0 || rest[end + 1] !== 0)) end += 2;
  if (end + 2 + pathLength > rest.length) {
    throw new MalformedError('EVENT_LOG_LOAD_OPTION_INVALID', 'boot option without an end of its description or path', {
      at: 6,
    });
  }
  const path = rest.subarray(end + 2, end + 2 + pathLength);
  return { description: decodeUtf16(rest.subarray(0, end)), devicePath: parseDevicePath(path) };
}
