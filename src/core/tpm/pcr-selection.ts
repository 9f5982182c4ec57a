// TPML_PCR_SELECTION: which PCRs of which banks. [TPM2-P2 §10.6.2, §10.9.7]
import { concatBytes, encodeHex, type Cursor } from '../encoding/index.ts';
import type { HashAlgorithm } from '../crypto/index.ts';
import { MalformedError } from '../error.ts';
import { algorithmIds, hashFromId } from './algorithms.ts';
import { u16, u32 } from './wire.ts';

/** PCRs of one bank, ascending. A TPM clears the bits of PCRs it does not have, so `pcrs` may be empty. */
export interface PcrSelection {
  readonly bank: HashAlgorithm;
  readonly pcrs: readonly number[];
  /** Bytes of the bitmap as received; 3 when absent. */
  readonly bitmapSize?: number;
}

/** Values of one bank by PCR index. */
export type PcrValues = ReadonlyMap<number, Uint8Array>;

/** What a host says its PCRs are. Proves nothing until `verifyPcrs`. */
export type ClaimedPcrs = ReadonlyMap<HashAlgorithm, PcrValues>;

/** Bank -> PCR -> value in hexadecimal, as the API and evidence bundles have them. */
export function encodeClaimedPcrs(pcrs: ClaimedPcrs): Record<string, Record<string, string>> {
  const banks = [...pcrs].map(([bank, values]) => {
    return [bank, Object.fromEntries([...values].map(([pcr, value]) => [String(pcr), encodeHex(value)]))] as const;
  });
  return Object.fromEntries(banks);
}

/** PCRs of the PC Client profile. */
export const pcrCount = 24;
const maximumBanks = 16;
const maximumBitmapSize = 4;

/** Reads a TPML_PCR_SELECTION. Refused: a bank twice, an unknown bank, a bitmap of no or more than 4 bytes, PCR > 23. */
export function readPcrSelections(cursor: Cursor): readonly PcrSelection[] {
  const at = cursor.offset;
  const count = cursor.u32('PCR selection count');
  if (count > maximumBanks) {
    throw new MalformedError('TPM_SELECTION_TOO_MANY', `${count} PCR selections, at most ${maximumBanks}`, { at });
  }
  const selections: PcrSelection[] = [];
  for (let index = 0; index < count; index += 1) {
    const offset = cursor.offset;
    const selection = readPcrSelection(cursor);
    if (selections.some(({ bank }) => bank === selection.bank)) {
      throw new MalformedError('TPM_SELECTION_BANK_REPEATED', `bank ${selection.bank} is selected twice`, {
        at: offset,
      });
    }
    selections.push(selection);
  }
  return selections;
}

function readPcrSelection(cursor: Cursor): PcrSelection {
  const at = cursor.offset;
  const bank = hashFromId(cursor.u16('PCR bank'), 'PCR bank', at);
  const size = cursor.u8('PCR bitmap size');
  if (size === 0 || size > maximumBitmapSize) {
    throw new MalformedError('TPM_SELECTION_SIZE_INVALID', `a PCR bitmap of ${size} bytes`, { at });
  }
  const bitmap = cursor.bytes(size, 'PCR bitmap');
  return { bank, pcrs: pcrsOfBitmap(bitmap, at), bitmapSize: size };
}

/** PCR n is bit n & 7 of byte n >> 3. */
export function pcrsOfBitmap(bitmap: Uint8Array, at: number): readonly number[] {
  const pcrs: number[] = [];
  for (let pcr = 0; pcr < bitmap.length * 8; pcr += 1) {
    if (((bitmap[pcr >> 3] ?? 0) & (1 << (pcr & 7))) !== 0) pcrs.push(pcr);
  }
  if ((pcrs.at(-1) ?? 0) >= pcrCount) {
    throw new MalformedError('TPM_SELECTION_PCR_UNKNOWN', 'a PCR beyond 23 is selected', { at });
  }
  return pcrs;
}

/** Encodes a TPML_PCR_SELECTION, for TPM2_Quote and TPM2_PCR_Read. */
export function encodePcrSelections(selections: readonly PcrSelection[]): Uint8Array {
  return concatBytes(u32(selections.length), ...selections.map(encodePcrSelection));
}

function encodePcrSelection({ bank, pcrs, bitmapSize = 3 }: PcrSelection): Uint8Array {
  const bitmap = new Uint8Array(bitmapSize);
  for (const pcr of pcrs) {
    if (!Number.isInteger(pcr) || pcr < 0 || pcr >= bitmapSize * 8) throw new TypeError(`there is no PCR ${pcr}`);
    bitmap[pcr >> 3] = (bitmap[pcr >> 3] ?? 0) | (1 << (pcr & 7));
  }
  return concatBytes(u16(algorithmIds[bank]), Uint8Array.of(bitmapSize), bitmap);
}
