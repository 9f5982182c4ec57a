// EV_IPL as shim, GRUB, systemd-boot and systemd-stub write it. What the text says is covered by the digest in some of
// these forms; the words before it (`grub_cmd: `) never are. [UAPI.7], GRUB manual "Measuring Boot Components"
import type { DecodedIpl } from './decoded-event.ts';
import { decodeAscii, decodeUtf16, isAsciiText, isUtf16Text, trimNul, withoutTrailingNul } from './text.ts';

/** In GRUB before 2.06 the colon was missing and the kernel's prefix was another. */
const prefixes: readonly (readonly [string, NonNullable<DecodedIpl['prefix']>])[] = [
  ['grub_cmd: ', 'grub_cmd'],
  ['grub_cmd ', 'grub_cmd'],
  ['kernel_cmdline: ', 'kernel_cmdline'],
  ['grub_kernel_cmdline ', 'kernel_cmdline'],
  ['module_cmdline: ', 'module_cmdline'],
];

const shimVariables = /^(?:Mok(?:List[A-Za-z]*|SBState|Policy)|SbatLevel)$/;

export interface GrubText {
  readonly prefix: NonNullable<DecodedIpl['prefix']>;
  /** The bytes after the prefix, as they stand. */
  readonly content: Uint8Array;
}

export function readGrubText(data: Uint8Array): GrubText | undefined {
  const head = decodeAscii(data.subarray(0, 24));
  const found = prefixes.find(([text]) => head.startsWith(text));
  return found && { prefix: found[1], content: data.subarray(found[0].length) };
}

export function decodeIpl(data: Uint8Array): DecodedIpl {
  const grub = readGrubText(data);
  if (grub) return { kind: 'ipl', source: 'grub', prefix: grub.prefix, text: decodeAscii(trimNul(grub.content)) };
  if (looksLikeUtf16(data)) return { kind: 'ipl', source: 'systemd', text: withoutTrailingNul(decodeUtf16(data)) };
  const text = decodeAscii(trimNul(data));
  if (!isAsciiText(data)) return { kind: 'ipl', source: 'other', text };
  return { kind: 'ipl', source: shimVariables.test(text) ? 'shim' : /^[(/]/.test(text) ? 'grub' : 'other', text };
}

/** Old systemd-boot cut the last byte of its text: an odd length with the shape of UTF-16 is that. */
export function looksLikeUtf16(data: Uint8Array): boolean {
  if (data.length % 2 === 0) return isUtf16Text(data);
  return data.length > 2 && data[1] === 0 && isUtf16Text(data.subarray(0, data.length - 1));
}
