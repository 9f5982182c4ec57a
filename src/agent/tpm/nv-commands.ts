// Reading what the maker left in NV memory. [TPM2-P3 §31]
import { concatBytes, encodeUnsigned } from '../../core/encoding/index.ts';
import { hierarchyHandles } from '../../core/tpm/index.ts';
import { TpmResponseError } from '../errors.ts';
import { isHandleUnknown, passwordSession, readSized, type TpmClient } from './client.ts';
import { commandCodes as codes } from './command-codes.table.ts';

const notAuthorised = 0x14b;
/** Every TPM reads this much at once. */
const chunkSize = 512;

/** Size of an NV index's data, or `undefined` where the index is not defined. */
export async function nvSize(tpm: TpmClient, index: number): Promise<number | undefined> {
  try {
    const { parameters } = await tpm.execute({ code: codes.nvReadPublic, handles: [index] });
    const area = parameters.sub(parameters.u16('NV public size'), 'NV public');
    area.u32('NV index');
    area.u16('name algorithm');
    area.u32('attributes');
    area.bytes(area.u16('policy size'), 'policy');
    return area.u16('data size');
  } catch (error) {
    if (isHandleUnknown(error)) return undefined;
    throw error;
  }
}

/** Whole content of an NV index, undefined where it is not defined. Read with the owner's (empty) authorisation, or the
 * index's own where the maker allows no other. */
export async function nvRead(tpm: TpmClient, index: number): Promise<Uint8Array | undefined> {
  const size = await nvSize(tpm, index);
  if (size === undefined) return undefined;
  try {
    return await nvReadAs(tpm, hierarchyHandles.owner, index, size);
  } catch (error) {
    const isDenied = error instanceof TpmResponseError && error.responseCode === notAuthorised;
    if (!isDenied) throw error;
    return nvReadAs(tpm, index, index, size);
  }
}

async function nvReadAs(tpm: TpmClient, authority: number, index: number, size: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let offset = 0; offset < size; offset += chunkSize) {
    const length = Math.min(chunkSize, size - offset);
    const { parameters } = await tpm.execute({
      code: codes.nvRead,
      handles: [authority, index],
      sessions: [passwordSession],
      parameters: concatBytes(encodeUnsigned(length, 2), encodeUnsigned(offset, 2)),
    });
    chunks.push(readSized(parameters));
  }
  return concatBytes(...chunks);
}
