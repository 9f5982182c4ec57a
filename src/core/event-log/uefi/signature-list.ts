// EFI_SIGNATURE_LIST: the value of PK, KEK, db and dbx. [UEFI §32.4.1]
//
// The bytes come from whoever could write the variable. Each length is checked against what remains: SignatureHeaderSize
// must be 0, as it is for every type in use, because bytes declared as a header were once read as trusted hashes.
// GHSA-9r4w-jg96-92mv
import { MalformedError } from '../../error.ts';
import { concatBytes, Cursor, encodeHex, encodeUnsigned } from '../../encoding/index.ts';
import { hash } from '../../crypto/index.ts';
import { bounds } from '../bounds.ts';
import type { SignatureDatabase, SignatureEntry } from '../events/decoded-event.ts';
import { encodeGuid, formatGuid, guids } from './guid.ts';

const listHeader = 28;
const ownerSize = 16;

const types: Readonly<Record<string, SignatureEntry['type']>> = {
  [guids.certX509]: 'x509',
  [guids.certSha256]: 'sha256',
  [guids.certX509Sha256]: 'x509-sha256',
};

/** @throws MalformedError EVENT_LOG_SIGNATURE_LIST_INVALID */
export function parseSignatureDatabase(value: Uint8Array): SignatureDatabase {
  const cursor = new Cursor(value, {
    endianness: 'little',
    truncated: 'EVENT_LOG_SIGNATURE_LIST_INVALID',
    trailing: 'EVENT_LOG_SIGNATURE_LIST_INVALID',
  });
  const entries: SignatureEntry[] = [];
  while (cursor.remaining > 0) readList(cursor, entries);
  return { entries };
}

function readList(cursor: Cursor, entries: SignatureEntry[]): void {
  const at = cursor.offset;
  const typeGuid = formatGuid(cursor.bytes(16, 'SignatureType'));
  const listSize = cursor.u32('SignatureListSize');
  const headerSize = cursor.u32('SignatureHeaderSize');
  const signatureSize = cursor.u32('SignatureSize');
  const body = listSize - listHeader;
  if (body < 0 || headerSize !== 0 || signatureSize <= ownerSize || body % signatureSize !== 0) {
    const sizes = `list ${listSize}, header ${headerSize}, signature ${signatureSize}`;
    throw new MalformedError('EVENT_LOG_SIGNATURE_LIST_INVALID', `impossible sizes: ${sizes}`, { at });
  }
  const count = body / signatureSize;
  cursor.checkCount(count, signatureSize, 'signatures');
  if (entries.length + count > bounds.signatureEntries) {
    throw new MalformedError('EVENT_LOG_SIGNATURE_LIST_INVALID', `more than ${bounds.signatureEntries} signatures`, {
      at,
    });
  }
  for (let index = 0; index < count; index += 1) {
    entries.push(readSignature(typeGuid, cursor.bytes(signatureSize, 'EFI_SIGNATURE_DATA')));
  }
}

/** EFI_SIGNATURE_DATA of a known type.
 * @throws MalformedError EVENT_LOG_SIGNATURE_LIST_INVALID */
function readSignature(typeGuid: string, bytes: Uint8Array): SignatureEntry {
  const type = types[typeGuid] ?? 'other';
  const data = bytes.subarray(ownerSize);
  if (type === 'sha256' && data.length !== 32) {
    throw new MalformedError('EVENT_LOG_SIGNATURE_LIST_INVALID', `SHA-256 signature of ${data.length} bytes`);
  }
  const sha256 = { alg: 'sha256' as const, value: type === 'sha256' ? data : hash('sha256', data) };
  return { owner: formatGuid(bytes.subarray(0, ownerSize)), type, typeGuid, data, sha256 };
}

/** The one EFI_SIGNATURE_DATA of an authority event: a certificate with its owner, a hash, or (old shims) a bare certificate. */
export function readAuthoritySignature(value: Uint8Array): SignatureEntry | undefined {
  const isDer = (bytes: Uint8Array): boolean => bytes[0] === 0x30 && bytes[1] === 0x82;
  if (isDer(value.subarray(ownerSize))) return readSignature(guids.certX509, value);
  if (isDer(value)) return readSignature(guids.certX509, concatBytes(new Uint8Array(ownerSize), value));
  if (value.length === ownerSize + 32) return readSignature(guids.certSha256, value);
  return undefined;
}

export interface SignatureListToEncode {
  readonly typeGuid: string;
  readonly owner: string;
  /** All of one length. */
  readonly signatures: readonly Uint8Array[];
}

/** EFI_SIGNATURE_LIST without a header, each signature under the same `owner`. [UEFI §32.4.1]
 * @throws TypeError where the signatures differ in length: one list has one */
export function encodeSignatureList({ typeGuid, owner, signatures }: SignatureListToEncode): Uint8Array {
  const size = ownerSize + (signatures[0]?.length ?? 0);
  if (signatures.some(({ length }) => length + ownerSize !== size)) {
    throw new TypeError('the signatures of one list have one length');
  }
  const number = (value: number): Uint8Array => encodeUnsigned(value, 4).reverse();
  const body = signatures.flatMap((signature) => [encodeGuid(owner), signature]);
  return concatBytes(
    encodeGuid(typeGuid),
    number(listHeader + size * signatures.length),
    number(0),
    number(size),
    ...body,
  );
}

/** The hashes of `required` that a revocation database lacks, in order: is it current? `required` comes from a list of
 * published revocations; entries that revoke by certificate are not followed. */
export function missingRevocations(dbx: SignatureDatabase, required: readonly Uint8Array[]): readonly Uint8Array[] {
  const known = new Set(dbx.entries.filter(({ type }) => type === 'sha256').map(({ data }) => encodeHex(data)));
  return required.filter((value) => !known.has(encodeHex(value)));
}
