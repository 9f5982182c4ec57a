// What shim carries and therefore measures: the certificate of its vendor, revoked hashes, SBAT levels. See README.tpm and
// mok.c of shim.
import { MalformedError } from '../error.ts';
import { Cursor, concatBytes, encodeUtf8 } from '../encoding/index.ts';
import { encodeSignatureList, eventTypes, guids, type EventToEncode } from '../event-log/index.ts';
import { readSection, type PortableExecutable } from './parse-pe.ts';

export interface ShimContents {
  /** `MokListRT` of a machine whose owner enrolled nothing: the certificate of the vendor. */
  readonly mokList: Uint8Array;
  /** `MokListXRT` of such a machine: the hashes the vendor revoked. */
  readonly mokListX: Uint8Array;
  /** `SbatLevel` that shim sets where Secure Boot is on and none newer is set. */
  readonly sbatLevel: Uint8Array;
}

/** What SbatLevel is set to while Secure Boot is off: the level without a revocation. */
export const sbatOriginal = encodeUtf8('sbat,1,2021030218\n');

/** Undefined for a binary that is not shim.
 * @throws MalformedError PREDICTION_SHIM_INVALID, PREDICTION_PE_INVALID */
export function readShim(image: PortableExecutable): ShimContents | undefined {
  const vendor = readSection(image, '.vendor_cert');
  if (vendor === undefined) return undefined;
  const head = cursorOver(vendor);
  const [allowedSize, revokedSize] = [head.u32('vendor_authorized_size'), head.u32('vendor_deauthorized_size')];
  const [allowedAt, revokedAt] = [head.u32('vendor_authorized_offset'), head.u32('vendor_deauthorized_offset')];
  const certificate = slice(vendor, allowedAt, allowedSize);
  if (certificate[0] !== 0x30) throw invalid('the vendor has no single certificate');
  return {
    mokList: encodeSignatureList({ typeGuid: guids.certX509, owner: guids.shimLock, signatures: [certificate] }),
    mokListX: slice(vendor, revokedAt, revokedSize),
    sbatLevel: readSbatLevel(image),
  };
}

/** PCR 14 of a machine whose owner enrolled no key of their own. */
export function measureMokLists({ mokList, mokListX }: ShimContents): readonly EventToEncode[] {
  const measure = (name: string, measured: Uint8Array): EventToEncode => ({
    pcr: 14,
    type: eventTypes.EV_IPL,
    data: encodeUtf8(`${name}\0`),
    measured,
  });
  return [measure('MokList', mokList), measure('MokListX', mokListX), measure('MokListTrusted', Uint8Array.of(1))];
}

/** Section `.sbatlevel`: version 0, then offsets of the automatic and of the latest level, counted from after it. */
function readSbatLevel(image: PortableExecutable): Uint8Array {
  const section = readSection(image, '.sbatlevel');
  if (section === undefined) throw invalid('no SBAT level');
  const cursor = cursorOver(section);
  if (cursor.u32('version') !== 0) throw invalid('SBAT levels of an unknown version');
  const levels = section.subarray(4);
  const start = cursor.u32('offset of the automatic level');
  const end = start < levels.length ? levels.indexOf(0, start) : -1;
  if (end <= start) throw invalid('the automatic SBAT level has no end');
  return concatBytes(levels.subarray(start, end));
}

function slice(bytes: Uint8Array, offset: number, size: number): Uint8Array {
  if (offset > bytes.length) throw invalid('an offset beyond the section');
  return cursorOver(bytes.subarray(offset)).bytes(size, 'vendor data');
}

function cursorOver(bytes: Uint8Array): Cursor {
  return new Cursor(bytes, {
    endianness: 'little',
    truncated: 'PREDICTION_SHIM_INVALID',
    trailing: 'PREDICTION_SHIM_INVALID',
  });
}

function invalid(problem: string): MalformedError {
  return new MalformedError('PREDICTION_SHIM_INVALID', problem);
}
