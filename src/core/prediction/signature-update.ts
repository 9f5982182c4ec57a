// Updates of Secure Boot variables as vendors publish them: signature lists, bare or behind the signature that firmware
// demands of who sets the variable. [UEFI §8.2.2]
import { MalformedError } from '../error.ts';
import { bytesEqual, Cursor } from '../encoding/index.ts';
import { encodeGuid, parseSignatureDatabase } from '../event-log/index.ts';

const timestampSize = 16;
const certificateHead = 8;
const efiCertificate = 0x0ef1;
const pkcs7 = encodeGuid('4aafd29d-68df-49ee-8aa9-347d375665a7');

/**
 * The signature lists of an update: `.esl` as they are, `.auth` and `DBXUpdate.bin` without EFI_VARIABLE_AUTHENTICATION_2
 * in front. That signature is left to firmware: who signs the prediction vouches for the file.
 *
 * @throws MalformedError PREDICTION_UPDATE_INVALID
 */
export function readSignatureUpdate(bytes: Uint8Array): Uint8Array {
  const lists = isAuthenticated(bytes) ? bytes.subarray(headSize(bytes)) : bytes;
  if (countSignatures(lists) === 0) throw invalid('the file holds no signature');
  return lists;
}

/** A malformed list is refused with a code of this room: that of the event log would send the operator to the wrong file. */
function countSignatures(lists: Uint8Array): number {
  try {
    return parseSignatureDatabase(lists).entries.length;
  } catch (cause) {
    if (!(cause instanceof MalformedError)) throw cause;
    throw new MalformedError('PREDICTION_UPDATE_INVALID', cause.message, {
      cause,
      ...(cause.at === undefined ? {} : { at: cause.at }),
    });
  }
}

/** WIN_CERTIFICATE_UEFI_GUID with PKCS #7, after the time: no signature list has these bytes there. */
function isAuthenticated(bytes: Uint8Array): boolean {
  const start = timestampSize + certificateHead;
  return bytesEqual(bytes.subarray(start, start + pkcs7.length), pkcs7);
}

function headSize(bytes: Uint8Array): number {
  const cursor = new Cursor(bytes.subarray(timestampSize), {
    endianness: 'little',
    truncated: 'PREDICTION_UPDATE_INVALID',
    trailing: 'PREDICTION_UPDATE_INVALID',
    baseOffset: timestampSize,
  });
  const length = cursor.u32('dwLength');
  cursor.u16('wRevision');
  const type = cursor.u16('wCertificateType');
  if (type !== efiCertificate) throw invalid(`a certificate of type 0x${type.toString(16)}`);
  if (length < certificateHead + pkcs7.length) throw invalid(`a certificate of ${length} bytes`);
  cursor.bytes(length - certificateHead, 'AuthInfo');
  return timestampSize + length;
}

function invalid(problem: string): MalformedError {
  return new MalformedError('PREDICTION_UPDATE_INVALID', problem);
}
