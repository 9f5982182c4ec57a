// Commands about the TPM as a whole: start, properties, what is loaded. [TPM2-P3 §9, §16, §30]
import { concatBytes, encodeUnsigned } from '../../core/encoding/index.ts';
import { TpmResponseError } from '../errors.ts';
import { readSized, type TpmClient, type TpmResponse } from './client.ts';
import { commandCodes as codes } from './command-codes.table.ts';
import { baseCode } from './response-code.ts';

/** TPM_CAP. */
const capabilities = { handles: 1 } as const;

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

export async function getRandom(tpm: TpmClient, length: number): Promise<Uint8Array> {
  const { parameters } = await tpm.execute({ code: codes.getRandom, parameters: encodeUnsigned(length, 2) });
  return readSized(parameters);
}

/** Handles in use, from `first` upwards within its kind: transient objects from 0x80000000, persistent ones from
 * 0x81000000, loaded sessions from 0x02000000. */
export async function readHandles(tpm: TpmClient, first: number): Promise<readonly number[]> {
  const { parameters } = await getCapability(tpm, { capability: capabilities.handles, first, count: 254 });
  return Array.from({ length: parameters.u32('handle count') }, () => parameters.u32('handle'));
}

/** Unloads an object or ends a session. One that is gone already is no error. */
export async function flushContext(tpm: TpmClient, handle: number): Promise<void> {
  try {
    await tpm.execute({ code: codes.flushContext, parameters: encodeUnsigned(handle, 4) });
  } catch (error) {
    if (!(error instanceof TpmResponseError) || baseCode(error.responseCode) !== 0x8b) throw error;
  }
}

interface CapabilityRequest {
  readonly capability: number;
  readonly first: number;
  readonly count: number;
}

/** The parameters of the answer stand at the list. */
async function getCapability(tpm: TpmClient, { capability, first, count }: CapabilityRequest): Promise<TpmResponse> {
  const request = [capability, first, count].map((value) => encodeUnsigned(value, 4));
  const response = await tpm.execute({ code: codes.getCapability, parameters: concatBytes(...request) });
  response.parameters.u8('more data');
  response.parameters.u32('capability');
  return response;
}
