// Reading and extending PCRs. [TPM2-P3 §22]
import { concatBytes, encodeUnsigned } from '../../core/encoding/index.ts';
import type { HashAlgorithm } from '../../core/crypto/index.ts';
import {
  algorithmIds,
  encodePcrSelections,
  hashFromId,
  type ClaimedPcrs,
  type PcrSelection,
} from '../../core/tpm/index.ts';
import { passwordSession, readSized, type TpmClient } from './client.ts';
import { commandCodes as codes } from './command-codes.table.ts';

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
