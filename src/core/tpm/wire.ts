// How TPM structures lie on the wire: big-endian, packed, sized buffers with a two-byte length. [TPM2-P2 §4]
import { concatBytes, Cursor, encodeUnsigned } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';

/** The largest structures we read, from the limits of real TPMs (a command or response has at most 4096 bytes). */
export const sizeLimits = { attest: 4096, publicArea: 1024, signature: 600, digest: 64, name: 66, rsa: 512, ecc: 66 };

/** A cursor over one complete structure that a host sent.
 * @throws MalformedError TPM_STRUCTURE_TOO_LARGE */
export function tpmCursor(bytes: Uint8Array, limit: number, what: string): Cursor {
  if (bytes.length > limit) throw tooLarge(what, bytes.length, limit, 0);
  return new Cursor(bytes, {
    endianness: 'big',
    truncated: 'TPM_STRUCTURE_TRUNCATED',
    trailing: 'TPM_STRUCTURE_TRAILING',
  });
}

/** TPM2B_x: two bytes of length, then as many bytes, at most `limit`. */
export function readSized(cursor: Cursor, limit: number, what: string): Uint8Array {
  const { offset } = cursor;
  const size = cursor.u16(`${what} size`);
  if (size > limit) throw tooLarge(what, size, limit, offset);
  return cursor.bytes(size, what);
}

/** TPM2B: a length of 16 bits, then the bytes, at most 65,535. [TPM2-P2 §10.4] */
export function encodeSized(bytes: Uint8Array): Uint8Array {
  return concatBytes(u16(bytes.length), bytes);
}

export function u16(value: number): Uint8Array {
  return encodeUnsigned(value, 2);
}

export function u32(value: number): Uint8Array {
  return encodeUnsigned(value, 4);
}

export function u64(value: bigint): Uint8Array {
  return encodeUnsigned(value, 8);
}

function tooLarge(what: string, size: number, limit: number, at: number): MalformedError {
  return new MalformedError('TPM_STRUCTURE_TOO_LARGE', `${what}: ${size} bytes, at most ${limit} are possible`, { at });
}
