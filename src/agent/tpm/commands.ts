// The commands an attesting host needs, and no more. [TPM2-P3]
import { concatBytes, encodeUnsigned, type Cursor } from '../../core/encoding/index.ts';
import { digestSizes, type HashAlgorithm } from '../../core/crypto/index.ts';
import {
  algorithmIds,
  encodePcrSelections,
  encodePublic,
  encodeSized,
  hashFromId,
  hierarchyHandles,
  type ClaimedPcrs,
  type PcrSelection,
} from '../../core/tpm/index.ts';
import type { PublicArea } from '../../core/tpm/index.ts';
import { TpmResponseError } from '../errors.ts';
import { passwordSession, type TpmClient } from './client.ts';
import { baseCode } from './response-code.ts';

const codes = {
  evictControl: 0x120,
  nvRead: 0x14e,
  nvReadPublic: 0x169,
  createPrimary: 0x131,
  startup: 0x144,
  shutdown: 0x145,
  activateCredential: 0x147,
  policySecret: 0x151,
  quote: 0x158,
  flushContext: 0x165,
  startAuthSession: 0x176,
  getCapability: 0x17a,
  getRandom: 0x17b,
  pcrRead: 0x17e,
  pcrExtend: 0x182,
  readPublic: 0x173,
} as const;

const empty = new Uint8Array();
const nullHandle = hierarchyHandles.null;
/** TPMT_SYM_DEF and schemes of nothing. */
const algNull = encodeUnsigned(algorithmIds.null, 2);

export interface LoadedKey {
  readonly handle: number;
  /** TPM2B_PUBLIC as the TPM returned it. */
  readonly publicArea: Uint8Array;
}

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

/** TPM_CAP_TPM_PROPERTIES of one property, or `undefined` where the TPM does not have it. */
export async function getProperty(tpm: TpmClient, property: number): Promise<number | undefined> {
  const request = concatBytes(encodeUnsigned(6, 4), encodeUnsigned(property, 4), encodeUnsigned(1, 4));
  const { parameters } = await tpm.execute({ code: codes.getCapability, parameters: request });
  parameters.u8('more data');
  parameters.u32('capability');
  const count = parameters.u32('property count');
  if (count === 0 || parameters.u32('property') !== property) return undefined;
  return parameters.u32('value');
}

/** Banks with at least one PCR allocated, in the TPM's order; banks we have no hash for are left out. */
export async function readBanks(tpm: TpmClient): Promise<readonly HashAlgorithm[]> {
  const request = concatBytes(encodeUnsigned(5, 4), encodeUnsigned(0, 4), encodeUnsigned(1, 4));
  const { parameters } = await tpm.execute({ code: codes.getCapability, parameters: request });
  parameters.u8('more data');
  parameters.u32('capability');
  const banks: HashAlgorithm[] = [];
  for (let left = parameters.u32('bank count'); left > 0; left -= 1) {
    const id = parameters.u16('bank');
    const bitmap = parameters.bytes(parameters.u8('bitmap size'), 'bitmap');
    const bank = Object.keys(digestSizes).find((name) => algorithmIds[name as HashAlgorithm] === id);
    if (bank !== undefined && bitmap.some((byte) => byte !== 0)) banks.push(bank as HashAlgorithm);
  }
  return banks;
}

/** Values of the selected PCRs. A TPM answers at most eight digests at a time, so this takes several commands and the
 * values may be of several moments: only a quote's digest says whether they belong together. */
export async function pcrRead(tpm: TpmClient, selections: readonly PcrSelection[]): Promise<ClaimedPcrs> {
  const result = new Map<HashAlgorithm, Map<number, Uint8Array>>();
  for (const { bank, pcrs } of selections) {
    const values = new Map<number, Uint8Array>();
    result.set(bank, values);
    let wanted = [...pcrs];
    while (wanted.length > 0) {
      const read = await pcrReadOnce(tpm, bank, wanted);
      if (read.size === 0) break;
      for (const [pcr, value] of read) values.set(pcr, value);
      wanted = wanted.filter((pcr) => !values.has(pcr));
    }
  }
  return result;
}

async function pcrReadOnce(
  tpm: TpmClient,
  bank: HashAlgorithm,
  pcrs: readonly number[],
): Promise<Map<number, Uint8Array>> {
  const { parameters } = await tpm.execute({
    code: codes.pcrRead,
    parameters: encodePcrSelections([{ bank, pcrs }]),
  });
  parameters.u32('update counter');
  const returned: number[] = [];
  for (let left = parameters.u32('selection count'); left > 0; left -= 1) {
    hashFromId(parameters.u16('bank'), 'bank');
    const bitmap = parameters.bytes(parameters.u8('bitmap size'), 'bitmap');
    for (const pcr of pcrs) if (((bitmap[pcr >> 3] ?? 0) & (1 << (pcr & 7))) !== 0) returned.push(pcr);
  }
  const count = parameters.u32('digest count');
  const values = new Map<number, Uint8Array>();
  for (const pcr of returned.slice(0, count)) values.set(pcr, readSized(parameters));
  return values;
}

/** Extends one PCR in each bank that `digests` names. */
export async function pcrExtend(
  tpm: TpmClient,
  pcr: number,
  digests: ReadonlyMap<HashAlgorithm, Uint8Array>,
): Promise<void> {
  const list = [...digests].map(([alg, value]) => concatBytes(encodeUnsigned(algorithmIds[alg], 2), value));
  await tpm.execute({
    code: codes.pcrExtend,
    handles: [pcr],
    sessions: [passwordSession],
    parameters: concatBytes(encodeUnsigned(list.length, 4), ...list),
  });
}

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
    if (error instanceof TpmResponseError && baseCode(error.responseCode) === 0x8b) return undefined;
    throw error;
  }
}

/** Whole content of an NV index, in chunks every TPM allows. Read with the owner's (empty) authorisation. */
export async function nvRead(tpm: TpmClient, index: number): Promise<Uint8Array | undefined> {
  const size = await nvSize(tpm, index);
  if (size === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for (let offset = 0; offset < size; offset += 512) {
    const length = Math.min(512, size - offset);
    const { parameters } = await tpm.execute({
      code: codes.nvRead,
      handles: [hierarchyHandles.owner, index],
      sessions: [passwordSession],
      parameters: concatBytes(encodeUnsigned(length, 2), encodeUnsigned(offset, 2)),
    });
    chunks.push(readSized(parameters));
  }
  return concatBytes(...chunks);
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

export async function readPublic(tpm: TpmClient, handle: number): Promise<Uint8Array> {
  const { parameters } = await tpm.execute({ code: codes.readPublic, handles: [handle] });
  return encodeSized(readSized(parameters));
}

/** TPM2_ActivateCredential under an EK whose policy is PolicySecret(endorsement). Both arguments are TPM2B bytes. */
export async function activateCredential(
  tpm: TpmClient,
  keys: { readonly ak: number; readonly ek: number },
  credentialBlob: Uint8Array,
  encryptedSecret: Uint8Array,
): Promise<Uint8Array> {
  const session = await startPolicySession(tpm);
  try {
    await policySecret(tpm, session);
    const { parameters } = await tpm.execute({
      code: codes.activateCredential,
      handles: [keys.ak, keys.ek],
      sessions: [passwordSession, session],
      parameters: concatBytes(credentialBlob, encryptedSecret),
    });
    return readSized(parameters);
  } finally {
    await flushContext(tpm, session);
  }
}

async function startPolicySession(tpm: TpmClient): Promise<number> {
  const policy = 0x01;
  const { handles } = await tpm.execute({
    code: codes.startAuthSession,
    handles: [nullHandle, nullHandle],
    parameters: concatBytes(
      encodeSized(new Uint8Array(16)),
      encodeSized(empty),
      Uint8Array.of(policy),
      algNull,
      encodeUnsigned(algorithmIds.sha256, 2),
    ),
    responseHandles: 1,
  });
  return handles[0] ?? 0;
}

async function policySecret(tpm: TpmClient, session: number): Promise<void> {
  await tpm.execute({
    code: codes.policySecret,
    handles: [hierarchyHandles.endorsement, session],
    sessions: [passwordSession],
    // nonceTPM, cpHashA and policyRef empty, no expiration
    parameters: concatBytes(encodeSized(empty), encodeSized(empty), encodeSized(empty), encodeUnsigned(0, 4)),
  });
}

/** TPM2_Quote with the key's own scheme: TPMS_ATTEST and TPMT_SIGNATURE. */
export async function quote(
  tpm: TpmClient,
  key: number,
  qualifyingData: Uint8Array,
  selections: readonly PcrSelection[],
): Promise<{ readonly attest: Uint8Array; readonly signature: Uint8Array }> {
  const { parameters } = await tpm.execute({
    code: codes.quote,
    handles: [key],
    sessions: [passwordSession],
    parameters: concatBytes(encodeSized(qualifyingData), algNull, encodePcrSelections(selections)),
  });
  const attest = readSized(parameters);
  return { attest, signature: parameters.rest() };
}

export async function flushContext(tpm: TpmClient, handle: number): Promise<void> {
  await tpm.execute({ code: codes.flushContext, parameters: encodeUnsigned(handle, 4) });
}

function readSized(cursor: Cursor): Uint8Array {
  return Uint8Array.from(cursor.bytes(cursor.u16('size'), 'sized value'));
}
