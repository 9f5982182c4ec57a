// Each request of an enrolled host carries a statement of its TPM about this very request: a token that was copied is worth
// nothing without the TPM.
import type { Prove } from '../api/index.ts';
import { decodeHex } from '../core/encoding/index.ts';
import { hash } from '../core/crypto/index.ts';
import { encodeRequestProof, requestQualifyingData } from '../core/tpm/index.ts';
import type { AttestingDevice } from './attesting-device.ts';
import type { EnrolmentState } from './enrolment-state.ts';

/** Makes the proofs for an enrolment. What a proof is bound to comes from the enrolment: another server cannot use it.
 * @throws AgentError AGENT_TPM_* when asked for one */
export function createProver(
  device: Pick<AttestingDevice, 'getTime'>,
  { serverId, hostId, akName }: Pick<EnrolmentState, 'serverId' | 'hostId' | 'akName'>,
): Prove {
  const identity = { serverId, hostId, akName: decodeHex(akName) };
  return async ({ method, path, body, at }) => {
    const bodyDigest = hash('sha256', body ?? new Uint8Array());
    const qualifyingData = requestQualifyingData({ ...identity, method, path, bodyDigest, at });
    return encodeRequestProof({ at, bodyDigest, ...(await device.getTime(qualifyingData)) });
  };
}
