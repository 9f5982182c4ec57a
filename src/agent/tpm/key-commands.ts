// Creating keys, and what is done with them: activate a credential, quote. [TPM2-P3 §12, §18, §24]
import { concatBytes, encodeUnsigned } from '../../core/encoding/index.ts';
import type { HashAlgorithm } from '../../core/crypto/index.ts';
import {
  algorithmIds,
  encodePcrSelections,
  encodePublic,
  encodeSized,
  hierarchyHandles,
  type PcrSelection,
  type PublicArea,
} from '../../core/tpm/index.ts';
import { isHandleUnknown, passwordSession, readSized, type TpmClient } from './client.ts';
import { commandCodes as codes } from './command-codes.table.ts';
import { withEkPolicy, type EkPolicy } from './ek-policy.ts';

const empty = new Uint8Array();
/** TPMT_SIG_SCHEME: the one that the key has. */
const ownScheme = encodeUnsigned(algorithmIds.null, 2);

export interface LoadedKey {
  readonly handle: number;
  /** TPM2B_PUBLIC as the TPM returned it. */
  readonly publicArea: Uint8Array;
}

/** TPM2_CreatePrimary. The same template under the same seed gives the same key, at every boot. */
export async function createPrimary(tpm: TpmClient, hierarchy: number, template: PublicArea): Promise<LoadedKey> {
  const sensitive = encodeSized(concatBytes(encodeSized(empty), encodeSized(empty)));
  const { handles, parameters } = await tpm.execute({
    code: codes.createPrimary,
    handles: [hierarchy],
    sessions: [passwordSession],
    parameters: concatBytes(sensitive, encodeSized(encodePublic(template)), encodeSized(empty), encodeUnsigned(0, 4)),
    responseHandles: 1,
  });
  return { handle: handles[0] ?? 0, publicArea: encodeSized(readSized(parameters)) };
}

/** TPM2B_PUBLIC of a loaded or persistent key, undefined where the handle holds none. */
export async function readPublic(tpm: TpmClient, handle: number): Promise<Uint8Array | undefined> {
  try {
    const { parameters } = await tpm.execute({ code: codes.readPublic, handles: [handle] });
    return encodeSized(readSized(parameters));
  } catch (error) {
    if (isHandleUnknown(error)) return undefined;
    throw error;
  }
}

/** What an attestation key signed. */
export interface Statement {
  /** TPMS_ATTEST. */
  readonly attest: Uint8Array;
  /** TPMT_SIGNATURE. */
  readonly signature: Uint8Array;
}

export interface ActivationInput {
  readonly ak: number;
  readonly ek: { readonly handle: number; readonly policy: EkPolicy; readonly nameAlg: HashAlgorithm };
  /** TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET. */
  readonly credentialBlob: Uint8Array;
  readonly encryptedSecret: Uint8Array;
}

/** TPM2_ActivateCredential: the secret, if it was sealed to this EK for an object of the AK's name. */
export function activateCredential(tpm: TpmClient, input: ActivationInput): Promise<Uint8Array> {
  return withEkPolicy(tpm, input.ek, async (session) => {
    const { parameters } = await tpm.execute({
      code: codes.activateCredential,
      handles: [input.ak, input.ek.handle],
      sessions: [passwordSession, session],
      parameters: concatBytes(input.credentialBlob, input.encryptedSecret),
    });
    return readSized(parameters);
  });
}

/** TPM2_Certify: `key` vouches that `object` is loaded in its TPM. The object's administrator is its own (empty) authorisation. */
export function certify(
  tpm: TpmClient,
  { object, key }: { readonly object: number; readonly key: number },
  qualifyingData: Uint8Array,
): Promise<Statement> {
  return attestWith(tpm, {
    code: codes.certify,
    handles: [object, key],
    sessions: [passwordSession, passwordSession],
    parameters: concatBytes(encodeSized(qualifyingData), ownScheme),
  });
}

/** TPM2_GetTime with the key's own scheme. The privacy administrator is the endorsement hierarchy. */
export function getTime(tpm: TpmClient, key: number, qualifyingData: Uint8Array): Promise<Statement> {
  return attestWith(tpm, {
    code: codes.getTime,
    handles: [hierarchyHandles.endorsement, key],
    sessions: [passwordSession, passwordSession],
    parameters: concatBytes(encodeSized(qualifyingData), ownScheme),
  });
}

/** TPM2_Quote with the key's own scheme. */
export function quote(
  tpm: TpmClient,
  key: number,
  qualifyingData: Uint8Array,
  selections: readonly PcrSelection[],
): Promise<Statement> {
  return attestWith(tpm, {
    code: codes.quote,
    handles: [key],
    sessions: [passwordSession],
    parameters: concatBytes(encodeSized(qualifyingData), ownScheme, encodePcrSelections(selections)),
  });
}

async function attestWith(tpm: TpmClient, command: Parameters<TpmClient['execute']>[0]): Promise<Statement> {
  const { parameters } = await tpm.execute(command);
  const attest = readSized(parameters);
  return { attest, signature: parameters.rest() };
}
