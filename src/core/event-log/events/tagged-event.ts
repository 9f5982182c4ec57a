// TCG_PCClientTaggedEvent: {id, size, data}. [TCG-PFP §10.4.2.1]
import { Cursor } from '../../encoding/index.ts';
import { decodeAscii, decodeUtf16, isAsciiText, isUtf16Text, trimNul, withoutTrailingNul } from './text.ts';

export interface TaggedEvent {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Tags of the Linux EFI stub and of systemd. [LINUX efistub.h], [SYSTEMD] */
export const tags = {
  linuxInitrd: 0x8f3b22ec,
  linuxLoadOptions: 0x8f3b22ed,
  loaderConfiguration: 0xf5bc582a,
  addonDeviceTree: 0x6c46f751,
  addonInitrd: 0x49dffe0f,
  addonMicrocode: 0xdac08e1a,
  smbiosSystem: 0xd5cb7cbc,
  smbiosBoard: 0xe0d47bc8,
  smbiosOem: 0xc0b3bd23,
} as const;

export function isKnownTag(tag: number): boolean {
  return knownTags.includes(tag);
}

const knownTags: readonly number[] = Object.values(tags);

/** Undefined where the data is not one tagged event, whole. */
export function readTaggedEvent(data: Uint8Array): TaggedEvent | undefined {
  if (data.length < 8) return undefined;
  const cursor = new Cursor(data, {
    endianness: 'little',
    truncated: 'EVENT_LOG_TRUNCATED',
    trailing: 'EVENT_LOG_TRUNCATED',
  });
  const tag = cursor.u32('taggedEventID');
  const size = cursor.u32('taggedEventDataSize');
  return size === cursor.remaining ? { tag, content: cursor.rest() } : undefined;
}

export function readTagText(content: Uint8Array): string | undefined {
  if (isUtf16Text(content)) return withoutTrailingNul(decodeUtf16(content));
  return isAsciiText(content) ? decodeAscii(trimNul(content)) : undefined;
}
