// The initial attestation key (IAK) that the maker of the machine left in the TPM, found by its certificate.
import { bytesEqual } from '../../core/encoding/index.ts';
import { encodeSpki } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import { parseTpm2bPublic } from '../../core/tpm/index.ts';
import { AgentError } from '../errors.ts';
import type { TpmClient } from './client.ts';
import { readPublic, type LoadedKey } from './key-commands.ts';
import { readHandles } from './state-commands.ts';

const persistentObjects = 0x81000000;

/** The persistent key of this SubjectPublicKeyInfo.
 * @throws AgentError AGENT_IDENTITY_KEY_MISSING */
export async function findIdentityKey(tpm: TpmClient, spki: Uint8Array): Promise<LoadedKey> {
  for (const handle of await readHandles(tpm, persistentObjects)) {
    const publicArea = await readPublic(tpm, handle);
    if (publicArea !== undefined && isOfKey(publicArea, spki)) return { handle, publicArea };
  }
  throw new AgentError(
    'AGENT_IDENTITY_KEY_MISSING',
    'no persistent key of this TPM is the one that the certificate is of',
  );
}

function isOfKey(publicArea: Uint8Array, spki: Uint8Array): boolean {
  try {
    return bytesEqual(encodeSpki(parseTpm2bPublic(publicArea).publicKey), spki);
  } catch (error) {
    // Keys of other kinds may be there, too.
    if (error instanceof AttestationError) return false;
    throw error;
  }
}
