// Commands about the TPM as a whole: start, properties, what is loaded. [TPM2-P3 §9, §28, §30]
import { concatBytes, encodeUnsigned } from '../../core/encoding/index.ts';
import { TpmResponseError } from '../errors.ts';
import { isHandleUnknown, type TpmClient } from './client.ts';
import { commandCodes as codes } from './command-codes.table.ts';

/** TPM_CAP_HANDLES. */
const handlesCapability = 1;

/** TPM2_Startup(CLEAR), for a software TPM that no firmware has started. One that is started already says so. */
export async function startup(tpm: TpmClient): Promise<void> {
  try {
    await tpm.execute({ code: codes.startup, parameters: encodeUnsigned(0, 2) });
  } catch (error) {
    if (!(error instanceof TpmResponseError) || error.responseCode !== 0x100) throw error;
  }
}

/** TPM2_Shutdown(CLEAR): the orderly end of a boot. */
export async function shutdown(tpm: TpmClient): Promise<void> {
  await tpm.execute({ code: codes.shutdown, parameters: encodeUnsigned(0, 2) });
}

/** Handles in use, from `first` upwards within its kind: transient objects from 0x80000000, persistent ones from
 * 0x81000000, loaded sessions from 0x02000000. */
export async function readHandles(tpm: TpmClient, first: number): Promise<readonly number[]> {
  const request = [handlesCapability, first, 254].map((value) => encodeUnsigned(value, 4));
  const { parameters } = await tpm.execute({ code: codes.getCapability, parameters: concatBytes(...request) });
  parameters.u8('more data');
  parameters.u32('capability');
  return Array.from({ length: parameters.u32('handle count') }, () => parameters.u32('handle'));
}

/** Unloads an object or ends a session. One that is gone already is no error. */
export async function flushContext(tpm: TpmClient, handle: number): Promise<void> {
  try {
    await tpm.execute({ code: codes.flushContext, parameters: encodeUnsigned(handle, 4) });
  } catch (error) {
    if (!isHandleUnknown(error)) throw error;
  }
}
