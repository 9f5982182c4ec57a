// EFI_GUID: the first three fields little-endian, the last eight bytes as they stand. [UEFI §A]
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Positions of the bytes, in the order in which they are written. */
const written = [3, 2, 1, 0, '-', 5, 4, '-', 7, 6, '-', 8, 9, '-', 10, 11, 12, 13, 14, 15] as const;

/** The first 16 bytes as a GUID, in lower case. */
export function formatGuid(bytes: Uint8Array): string {
  let text = '';
  for (const at of written) text += at === '-' ? at : (hexOfByte[bytes[at] ?? 0] ?? '');
  return text;
}

/** The 16 bytes of a GUID as `formatGuid` writes it; upper case and missing hyphens do no harm. Of any other text the result means nothing. */
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
