// UEFI_GPT_DATA: the header of the partition table and the partitions in use. [TCG-PFP §10.2.7], [UEFI §5.3]
import { Cursor } from '../../encoding/index.ts';
import { MalformedError } from '../../error.ts';
import { bounds } from '../bounds.ts';
import type { DecodedGpt } from '../events/decoded-event.ts';
import { formatGuid } from './guid.ts';
import { decodeAscii, decodeUtf16 } from '../events/text.ts';

const headerSize = 92;
const entrySize = 128;

/** @throws MalformedError EVENT_LOG_GPT_INVALID */
export function parseGpt(data: Uint8Array): DecodedGpt {
  const cursor = new Cursor(data, {
    endianness: 'little',
    truncated: 'EVENT_LOG_GPT_INVALID',
    trailing: 'EVENT_LOG_GPT_INVALID',
  });
  const header = cursor.bytes(headerSize, 'GPT header');
  if (decodeAscii(header.subarray(0, 8)) !== 'EFI PART') {
    throw new MalformedError('EVENT_LOG_GPT_INVALID', 'no GPT signature', { at: 0 });
  }
  const at = cursor.offset;
  const count = cursor.u64('NumberOfPartitions');
  if (count > bounds.partitions) throw new MalformedError('EVENT_LOG_GPT_INVALID', `${count} partitions`, { at });
  cursor.checkCount(Number(count), entrySize, 'partitions');
  const partitions = Array.from({ length: Number(count) }, () => {
    const entry = cursor.bytes(entrySize, 'partition');
    return {
      type: formatGuid(entry.subarray(0, 16)),
      guid: formatGuid(entry.subarray(16, 32)),
      name: decodeUtf16(entry.subarray(56)).replace(/\0.*$/s, ''),
    };
  });
  return { kind: 'gpt', diskGuid: formatGuid(header.subarray(56, 72)), partitions };
}
