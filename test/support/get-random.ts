// TPM2_GetRandom: the least that can be asked of a TPM, for tests of the way to it.
import { readSized, type TpmClient } from '../../src/agent/tpm/client.ts';
import { encodeUnsigned } from '../../src/core/encoding/index.ts';

export async function getRandom(tpm: TpmClient, length: number): Promise<Uint8Array> {
  const { parameters } = await tpm.execute({ code: 0x17b, parameters: encodeUnsigned(length, 2) });
  return readSized(parameters);
}
