// EFI_GUID: the first three fields little-endian, the last eight bytes as they stand. [UEFI §A]
import { encodeHex } from '../encoding/index.ts';

export function formatGuid(bytes: Uint8Array): string {
  const hex = encodeHex(bytes);
  const pair = (at: number): string => hex.slice(at * 2, at * 2 + 2);
  const [first, second, third] = [pair(3) + pair(2) + pair(1) + pair(0), pair(5) + pair(4), pair(7) + pair(6)];
  return `${first}-${second}-${third}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

export function encodeGuid(text: string): Uint8Array {
  const bytes = Uint8Array.from(text.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

export const guids = {
  globalVariable: '8be4df61-93ca-11d2-aa0d-00e098032b8c',
  imageSecurityDatabase: 'd719b2cb-3d3a-4596-a3bc-dad00e67656f',
  shimLock: '605dab50-e046-4300-abb6-3dd810dd8b23',
  certX509: 'a5c059a1-94e4-4aa7-87b5-ab155c2bf072',
  certSha256: 'c1c41626-504c-4092-aca9-41f936934328',
  certX509Sha256: '3bd2a492-96c0-4079-b420-fcf98ef103ed',
} as const;
