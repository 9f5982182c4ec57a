// The Spec ID record that opens a log of firmware: TCG_EfiSpecIdEvent. [TCG-PFP §10.4.5.1]
// Nobody authenticates it. It decides how the rest is cut into records, and a wrong cut cannot replay.
import { MalformedError } from '../../error.ts';
import { digestSizes } from '../../crypto/index.ts';
import { Cursor } from '../../encoding/index.ts';
import { bounds } from '../bounds.ts';
import type { SpecId } from '../claimed-log.ts';
import { foreignIdentifiers, hashByIdentifier } from './hash-identifiers.table.ts';
import { decodeAscii } from '../events/text.ts';

const signatureLength = 16;
const agileSignature = 'Spec ID Event03';

export function readNoActionSignature(data: Uint8Array): string {
  return decodeAscii(data.subarray(0, signatureLength)).replace(/\0+$/, '');
}

/** Is this the first record of a crypto-agile log? Another Spec ID record opens a SHA-1 log. */
export function isAgileSpecId(data: Uint8Array): boolean {
  return data.length >= signatureLength && readNoActionSignature(data) === agileSignature;
}

/** `behind`: a cursor over what follows the record. Some firmware does not count the vendor's information in the size of the record: it is
 * then read from there.
 * @throws MalformedError EVENT_LOG_SPEC_ID_* , EVENT_LOG_TRUNCATED */
export function parseSpecId(data: Uint8Array, baseOffset: number, behind?: Cursor): SpecId {
  const cursor = new Cursor(data, {
    endianness: 'little',
    truncated: 'EVENT_LOG_TRUNCATED',
    trailing: 'EVENT_LOG_SPEC_ID_INVALID',
    baseOffset,
  });
  const signature = readNoActionSignature(cursor.bytes(signatureLength, 'signature of the Spec ID record'));
  const platformClass = cursor.u32('platformClass');
  const versionMinor = cursor.u8('specVersionMinor');
  const versionMajor = cursor.u8('specVersionMajor');
  const errata = cursor.u8('specErrata');
  const uintnSize = cursor.u8('uintnSize');
  const algorithms = readAlgorithms(cursor);
  const vendorInfoSize = cursor.u8('vendorInfoSize');
  const isOutside = vendorInfoSize > 0 && cursor.remaining === 0 && behind !== undefined;
  const vendorInfo = (isOutside ? behind : cursor).bytes(vendorInfoSize, 'vendorInfo');
  cursor.end('Spec ID record');
  return { signature, platformClass, versionMinor, versionMajor, errata, uintnSize, algorithms, vendorInfo };
}

function readAlgorithms(cursor: Cursor): SpecId['algorithms'] {
  const at = cursor.offset;
  const count = cursor.u32('numberOfAlgorithms');
  if (count < 1 || count > bounds.digestAlgorithms) {
    throw new MalformedError('EVENT_LOG_SPEC_ID_INVALID', `Spec ID record announces ${count} algorithms`, { at });
  }
  cursor.checkCount(count, 4, 'algorithms of the Spec ID record');
  const algorithms = Array.from({ length: count }, () => ({
    id: cursor.u16('algorithmId'),
    digestSize: cursor.u16('digestSize'),
  }));
  for (const { id, digestSize } of algorithms) checkDigestSize(id, digestSize, at);
  if (new Set(algorithms.map(({ id }) => id)).size !== count) {
    throw new MalformedError('EVENT_LOG_SPEC_ID_INVALID', 'Spec ID record names an algorithm twice', { at });
  }
  return algorithms;
}

/** A size that is not the algorithm's own would cut every record that follows in the wrong place. */
function checkDigestSize(id: number, digestSize: number, at: number): void {
  const known = hashByIdentifier(id);
  const expected = id === foreignIdentifiers.sm3_256 ? 32 : known && digestSizes[known];
  const wrong =
    expected === undefined ? digestSize < 1 || digestSize > bounds.unknownDigestBytes : digestSize !== expected;
  if (wrong) {
    const name = known ?? `0x${id.toString(16)}`;
    throw new MalformedError('EVENT_LOG_DIGEST_SIZE_WRONG', `digests of ${name} with ${digestSize} bytes`, { at });
  }
}
